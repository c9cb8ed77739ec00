"""Types with parameters, BIGNUMERIC, INTERVAL and RANGE: schemas, loads, streams and rows by REST."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from dateutil.relativedelta import relativedelta
from google.api_core.exceptions import BadRequest, GoogleAPICallError
from google.cloud.bigquery import Dataset, LoadJobConfig, SchemaField, Table

HELD = [
    SchemaField("s", "STRING", max_length=3),
    SchemaField("b", "BYTES", max_length=2),
    SchemaField("n", "NUMERIC", precision=5, scale=2),
    SchemaField("g", "BIGNUMERIC", precision=4, scale=1),
]


@pytest.fixture
def held(client):
    return client.create_table(Table(f"{client.project}.d.held", schema=HELD))


def load(client, rows, table, *, schema=None, **options):
    text = "\n".join(json.dumps(one) for one in rows)
    config = LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", schema=schema, **options)
    return client.load_table_from_file(io.BytesIO(text.encode()), table, job_config=config).result()


def test_a_schema_tells_the_parameters(client, held):
    found = client.get_table(held.reference).schema
    assert [one.max_length for one in found] == [3, 2, None, None]
    assert [(one.precision, one.scale) for one in found[2:]] == [(5, 2), (4, 1)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"s": "abcd"}, "has maximum length 3 but got a value with length 4"),
        ({"b": "YWJj"}, "has maximum length 2 but got a value with length 3"),
        ({"n": "1000"}, "not in range of [-999.99, 999.99]"),
        ({"g": "1000"}, "not in range of [-999.9, 999.9]"),
    ],
)
def test_a_load_refuses_what_does_not_fit(client, held, row, message):
    with pytest.raises(GoogleAPICallError) as caught:
        load(client, [row], held.reference)
    assert message in str(caught.value)
    assert client.get_table(held.reference).num_rows == 0


def test_a_load_rounds_to_the_scale(client, held):
    load(client, [{"s": "abc", "b": "YWI=", "n": "-1.255", "g": "2.25"}], held.reference)
    (row,) = client.list_rows(held.reference)
    assert tuple(row) == ("abc", b"ab", Decimal("-1.26"), Decimal("2.3"))


def test_a_load_into_a_new_table_holds_its_schema(client):
    with pytest.raises(GoogleAPICallError, match="maximum length 3"):
        load(client, [{"s": "abcd"}], f"{client.project}.d.fresh", schema=HELD[:1])
    load(client, [{"s": "abc"}], f"{client.project}.d.fresh", schema=HELD[:1])
    assert client.get_table("d.fresh").schema[0].max_length == 3


def test_a_streamed_row_that_is_too_long_is_told(client, held):
    errors = client.insert_rows_json(held.reference, [{"s": "abcd"}, {"s": "ab"}])
    assert "has maximum length 3 but got a value with length 4" in errors[0]["errors"][0]["message"]
    assert client.insert_rows_json(held.reference, [{"s": "ab", "n": "1.255"}]) == []
    (row,) = client.list_rows(held.reference)
    assert tuple(row) == ("ab", None, Decimal("1.26"), None)


def test_a_query_keeps_its_destination_s_parameters(client, held):
    with pytest.raises(BadRequest, match="maximum length 3"):
        client.query_and_wait("INSERT d.held (s) SELECT 'abcd'")
    client.query_and_wait("INSERT d.held (s) SELECT 'abc'")
    copied = f"{client.project}.d.copied"
    client.copy_table(held.reference, copied).result()
    assert client.get_table(copied).schema[0].max_length == 3


OTHERS = [
    SchemaField("g", "BIGNUMERIC"),
    SchemaField("i", "INTERVAL"),
    SchemaField("r", "RANGE", range_element_type="DATE"),
    SchemaField("many", "BIGNUMERIC", mode="REPEATED"),
]


def test_the_other_types_go_through_load_and_rest(client):
    row = {
        "g": "-123456789012345678901234567890.5",
        "i": "1-2 3 4:5:6",
        "r": "[2021-01-31, UNBOUNDED)",
        "many": ["0.1", "-2"],
    }
    table = f"{client.project}.d.others"
    client.create_table(Table(table, schema=OTHERS))
    load(client, [row], table)
    (found,) = client.list_rows(table)
    assert found["g"] == Decimal(row["g"])
    assert found["i"] == relativedelta(years=1, months=2, days=3, hours=4, minutes=5, seconds=6)
    assert found["r"] == {"start": dt.date(2021, 1, 31), "end": None}
    assert found["many"] == [Decimal("0.1"), Decimal(-2)]
    assert client.get_table(table).schema[2].range_element_type.element_type == "DATE"


def test_a_bignumeric_that_cannot_be_kept_is_refused_by_name(client):
    client.create_table(Table(f"{client.project}.d.others", schema=OTHERS))
    with pytest.raises(
        GoogleAPICallError, match="BIGNUMERIC of more than 38 digits after the point"
    ):
        load(client, [{"g": "1." + "1" * 39}], f"{client.project}.d.others")


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"type": "RANGE"}, "RANGE<None>"),
        ({"type": "RANGE", "rangeElementType": {"type": "INTEGER"}}, "RANGE<INTEGER>"),
        ({"type": "STRING", "maxLength": "0"}, "greater than 0"),
        ({"type": "STRING", "collation": "und:ci"}, "collation"),
        ({"type": "NUMERIC", "roundingMode": "ROUND_HALF_EVEN"}, "roundingMode"),
    ],
)
def test_a_field_that_cannot_be(client, field, message):
    table = Table.from_api_repr(
        {
            "tableReference": {"projectId": client.project, "datasetId": "d", "tableId": "t"},
            "schema": {"fields": [{"name": "a", **field}]},
        }
    )
    with pytest.raises(GoogleAPICallError, match=message):
        client.create_table(table)


@pytest.mark.parametrize(
    "option", [{"defaultRoundingMode": "ROUND_HALF_EVEN"}, {"defaultCollation": "und:ci"}]
)
def test_a_default_that_would_have_no_effect_is_refused(client, option):
    reference = {"projectId": client.project, "datasetId": "other"}
    with pytest.raises(GoogleAPICallError, match=next(iter(option))):
        client.create_dataset(Dataset.from_api_repr({"datasetReference": reference, **option}))
