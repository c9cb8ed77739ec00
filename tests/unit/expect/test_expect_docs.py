from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pyarrow as pa
import pytest

from harness.bigquery import QueryRecord
from harness.errors import ExpectationError

DOCS = Path(__file__).parents[3] / "docs" / "expectations.md"
# One that is the copy of a file is run as that file.
EXAMPLE = re.compile(
    r"(?<!-->\n)```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<message>.*?)```\n)?", re.DOTALL
)


def examples():
    text = DOCS.read_text("utf-8")
    for found in EXAMPLE.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield pytest.param(found["code"], found["message"], line, id=f"line {line}")


@pytest.fixture
def names(expect, postgres, gcs, bigquery):
    saturday, sunday = (
        dt.datetime.fromisoformat(f"{day} 23:59") for day in ("2021-01-30", "2021-01-31")
    )
    trips = pa.table(
        {
            "trip_id": pa.array(range(1, 7), pa.int64()),
            "pickup": pa.array([saturday] * 2 + [sunday] * 4, pa.timestamp("us")),
            "passenger_count": pa.array([1, 2, 3, 1, 2, 3], pa.int64()),
            "store_and_fwd_flag": ["N", "Y"] + ["N"] * 4,
        }
    )
    days = pa.array([dt.date(2021, 1, 31), dt.date(2021, 2, 1)])
    orders = pa.table({"order_id": [1, 2], "price": [1.5, 2.0], "day": days})
    gcs.put("lake/orders.csv", orders)
    cut = [pa.array([1, 2]), pa.array([1.0, 2.0]), days.cast(pa.int32()).cast(pa.int64())]
    postgres.put("shop.orders", pa.table(cut, names=orders.column_names))
    in_utc = trips.set_column(1, "pickup", trips["pickup"].cast(pa.timestamp("us", tz="UTC")))
    postgres.put("ny_taxi.yellow_cab_data", trips)
    gcs.put("lake/nyc_taxi_data.parquet", trips)
    gcs.put(
        "lake/nyc_taxi_data/",
        trips,
        {"tpep_pickup_date=2021-01-30": 2, "tpep_pickup_date=2021-01-31": 4},
    )
    bigquery.put("ny_taxi.yellow_cab_data", in_utc, {"20210130": 2, "20210131": 4})
    bigquery.queries = lambda: tuple(
        QueryRecord(
            at=1.0,
            statement=statement,
            type="SELECT",
            tables=("ny_taxi.yellow_cab_data",),
            bytes_processed=size,
            rows=rows,
        )
        for statement, size, rows in (
            (
                "SELECT MAX(trip_id) FROM ny_taxi.yellow_cab_data WHERE pickup > '2021-01-30'",
                16,
                1,
            ),
            ("SELECT * FROM ny_taxi.yellow_cab_data", 8_192, 6),
        )
    )
    return {"expect": expect, "postgres": postgres}


@pytest.mark.parametrize(("code", "message", "line"), list(examples()))
def test_an_example_of_the_docs_does_what_they_say(code, message, line, names):
    compiled = compile("\n" * (line - 1) + code, str(DOCS), "exec")
    if message is None:
        exec(compiled, names)
        for name, test in list(names.items()):
            if name.startswith("test_"):
                test(names["expect"])
        return
    with pytest.raises(ExpectationError) as failure:
        exec(compiled, names)
    assert str(failure.value) == message.rstrip("\n")


def test_the_docs_have_examples_of_both_kinds():
    messages = [example.values[1] for example in examples()]

    assert messages.count(None) >= 5
    assert len(messages) - messages.count(None) >= 4
