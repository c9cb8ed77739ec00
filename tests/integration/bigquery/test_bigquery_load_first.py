"""The first that a stub is asked for is a load of a type that it has to learn."""

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from google.cloud import bigquery as bq

from harness.services.bigquery import BigQueryStub

TYPES = {
    "RANGE": ("[2021-01-31, UNBOUNDED)", {"start": dt.date(2021, 1, 31), "end": None}),
    "BIGNUMERIC": ("1.5", Decimal("1.5")),
    "INTERVAL": (
        "1-2 3 4:5:6",
        relativedelta(years=1, months=2, days=3, hours=4, minutes=5, seconds=6),
    ),
}


@pytest.fixture
def fresh():
    stub = BigQueryStub(project="p")
    stub.start()
    with stub.client() as client:
        client.create_dataset("p.d")
        yield client
    stub.stop()


@pytest.mark.parametrize("form", ["CSV", "NEWLINE_DELIMITED_JSON"])
@pytest.mark.parametrize("kind", TYPES)
def test_a_type_is_learned_by_a_load(fresh, kind, form):
    text, expected = TYPES[kind]
    element = "DATE" if kind == "RANGE" else None
    field = bq.SchemaField("a", kind, range_element_type=element)
    number = bq.SchemaField("n", "INTEGER")
    content = f'"{text}",1\n' if form == "CSV" else json.dumps({"a": text, "n": 1})
    config = bq.LoadJobConfig(schema=[field, number], source_format=form)
    job = fresh.load_table_from_file(io.BytesIO(content.encode()), "p.d.t", job_config=config)
    assert job.result().output_rows == 1
    (row,) = fresh.query_and_wait("SELECT a, n FROM d.t")
    assert row["n"] == 1
    assert row["a"] == expected
