from __future__ import annotations

import pyarrow as pa
import pytest

from harness.errors import ExpectationError, InputError
from harness.expect.types import agrees
from harness.services.protocol import Column

TRIPS = {
    "trip_id": "bigint",
    "vendor_id": "integer",
    "picked_up": "timestamp",
    "passengers": "int8",
    "distance": "float8",
    "flag": "text",
}


def failure_of(check, *args, **options) -> str:
    with pytest.raises(ExpectationError) as failure:
        check(*args, **options)
    return str(failure.value)


@pytest.mark.parametrize(
    ("service", "found", "arrow", "right", "wrong"),
    [
        ("postgres", "bigint", pa.int64(), ["bigint", "INT8", "int64"], ["int4", "int32"]),
        ("postgres", "double precision", pa.float64(), ["float", "float8", "double"], ["real"]),
        ("postgres", "real", pa.float32(), ["float4", "float32"], ["float", "double"]),
        ("postgres", "smallint", pa.int16(), ["int2", "int16"], ["int8", "int", "uint16"]),
        (
            "postgres",
            "timestamp without time zone",
            pa.timestamp("us"),
            ["timestamp", "timestamp[us]", pa.timestamp("us")],
            ["timestamptz", "timestamp[ns]", "timestamp[us, tz=UTC]"],
        ),
        (
            "postgres",
            "timestamp(3) with time zone",
            pa.timestamp("us", tz="UTC"),
            ["timestamptz", "timestamp[us, tz=UTC]", "timestamp(3) with time zone"],
            ["timestamp", "timestamptz(6)"],
        ),
        (
            "postgres",
            "character varying(10)",
            pa.string(),
            ["varchar", "varchar(10)", "string", "character varying"],
            ["text", "varchar(11)", "char(10)"],
        ),
        (
            "postgres",
            "numeric(10,2)",
            pa.string(),
            ["numeric", "decimal(10, 2)"],
            ["numeric(10)", "decimal128(10, 2)"],
        ),
        ("postgres", "integer[]", pa.list_(pa.int32()), ["int4[]", "int[]"], ["int4", "text[]"]),
        ("postgres", "mood", pa.string(), ["mood", "string"], ["text", "moods"]),
        ("bigquery", "INTEGER", pa.int64(), ["INT64", "int64", "bigint"], ["FLOAT64", "int32"]),
        ("bigquery", "FLOAT", pa.float64(), ["float", "FLOAT64", "double"], ["int64", "float32"]),
        (
            "bigquery",
            "TIMESTAMP",
            pa.timestamp("us", tz="UTC"),
            ["timestamp", "timestamp[us, tz=UTC]"],
            ["DATETIME", "timestamp[us]"],
        ),
        ("bigquery", "BOOLEAN", pa.bool_(), ["BOOL", "boolean"], ["INT64"]),
        (
            "bigquery",
            "NUMERIC(10, 2)",
            pa.decimal128(38, 9),
            ["NUMERIC", "numeric(10,2)", "decimal128(38, 9)"],
            ["BIGNUMERIC", "NUMERIC(11, 2)", "decimal128(10, 2)"],
        ),
        (
            "bigquery",
            "ARRAY<INTEGER>",
            pa.list_(pa.int64()),
            ["array<int64>", "list<item: int64>"],
            ["ARRAY<STRING>", "int64"],
        ),
        ("gcs", "double", pa.float64(), ["double", "float64"], ["float", "float32"]),
        ("gcs", "large_string", pa.large_string(), ["string", "large_string"], ["binary"]),
        ("gcs", "date32[day]", pa.date32(), ["date32", "date32[day]"], ["date64"]),
        (
            "gcs",
            "timestamp[us, tz=UTC]",
            pa.timestamp("us", tz="UTC"),
            ["timestamp[us, tz=UTC]", "timestamp[us,tz=UTC]"],
            ["timestamp[us]", "timestamp[us, tz=Europe/Berlin]"],
        ),
        (
            "gcs",
            "dictionary<values=string, indices=int32, ordered=0>",
            pa.dictionary(pa.int32(), pa.string()),
            ["dictionary<values=string, indices=int32, ordered=0>"],
            ["string"],
        ),
    ],
)
def test_a_type_agrees_in_own_terms_and_in_arrows(service, found, arrow, right, wrong):
    column = Column(name="c", type=found)

    for expected in right:
        assert agrees(expected, column, service=service, arrow=lambda: arrow), expected
    for expected in wrong:
        assert not agrees(expected, column, service=service, arrow=lambda: arrow), expected


def test_own_terms_do_not_read_the_data(expect, postgres):
    expect.table("ny_taxi.trips").schema(TRIPS)
    assert postgres.reads == 0
    expect.table("ny_taxi.trips").schema({"trip_id": "int64"}, partial=True)
    assert postgres.reads == 1


def test_an_arrow_schema_holds_in_all_services(expect, trips):
    wanted = dict(zip(trips.schema.names, trips.schema.types, strict=True))

    expect.table("ny_taxi.trips").schema(wanted, order=True)
    expect.bigquery("ny_taxi.trips").schema(wanted, order=True)
    expect.objects("lake", "trips.parquet").schema(wanted, order=True)


def test_a_schema_says_missing_extra_and_other_types(expect):
    wanted = {name: kind for name, kind in TRIPS.items() if name not in {"vendor_id", "passengers"}}
    wanted |= {"VendorID": "integer", "fare": "numeric", "distance": "real", "flag": "txt"}

    message = failure_of(expect.table("ny_taxi.trips").schema, wanted)

    assert message == (
        "Postgres table ny_taxi.trips: expected another schema:"
        " columns 2 missing, 2 extra, 2 of another type\n"
        "  evidence: column      expected  found\n"
        "            VendorID    integer   -                 missing; nearest: vendor_id integer\n"
        "            fare        numeric   -                 missing\n"
        "            distance    real      double precision  other type\n"
        "            flag        txt       text              other type;"
        " no type of postgres or Arrow, nearest: text\n"
        "            vendor_id   -         integer           extra\n"
        "            passengers  -         bigint            extra"
    )


def test_only_extra_columns_have_a_remedy(expect):
    target = expect.table("ny_taxi.trips")

    message = failure_of(target.schema, {"trip_id": "bigint"})

    assert "columns 5 extra" in message
    assert "partial=True" in message
    target.schema({"trip_id": "bigint"}, partial=True)


def test_the_order_counts_on_request(expect):
    target = expect.table("ny_taxi.trips")
    turned = dict(reversed(TRIPS.items()))
    target.schema(turned)
    target.schema(TRIPS, order=True)
    target.schema({"trip_id": "bigint", "flag": "text"}, order=True, partial=True)

    message = failure_of(target.schema, turned, order=True)

    assert "first difference: column 1 should be flag, is trip_id" in message
    assert "found:    trip_id, vendor_id" in message
    assert "flag, is trip_id" in failure_of(
        target.schema, {"flag": "text", "trip_id": "bigint"}, order=True, partial=True
    )


def test_a_wide_difference_makes_a_short_message(expect):
    wanted = {f"column_{at}": "text" for at in range(200)}

    message = failure_of(expect.table("ny_taxi.trips").schema, wanted)

    assert "... and 191 more columns" in message
    assert len(message.splitlines()) <= 25


def test_a_column_twice_is_extra(expect, gcs):
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
    gcs.put("lake/twice.parquet", twice)
    target = expect.objects("lake", "twice.parquet")

    assert "columns 1 extra" in failure_of(target.schema, {"a": "int64"})
    assert "expected one column a, found 2" in failure_of(target.column, "a")


def test_an_empty_schema_is_refused(expect):
    with pytest.raises(InputError, match="at least one column"):
        expect.table("ny_taxi.trips").schema({})


def test_a_misspelt_column_names_the_nearest(expect):
    message = failure_of(expect.table("ny_taxi.trips").column, "VendorID")

    assert message == (
        "Postgres table ny_taxi.trips: expected a column VendorID, found none of this name\n"
        "  evidence: nearest: vendor_id\n"
        "            columns (6): trip_id, vendor_id, picked_up, passengers, distance, flag"
    )
