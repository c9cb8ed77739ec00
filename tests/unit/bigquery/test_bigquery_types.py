"""Types, schemas and partitions without a server."""

from __future__ import annotations

import pytest

from harness.bigquery.database import Database
from harness.bigquery.entries import Table, TableRef
from harness.bigquery.errors import ApiError, UnsupportedError, not_found_table
from harness.bigquery.fields_duckdb import fields_from_duckdb
from harness.bigquery.partitions.partition_spec import partitioning_from_rest
from harness.bigquery.partitions.partitions import Partitioning, split_decorator
from harness.bigquery.schemas import merged_schema
from harness.bigquery.types import Field, field_from_rest, schema_from_rest, schema_rest

NESTED = {
    "name": "s",
    "type": "RECORD",
    "mode": "REPEATED",
    "fields": [
        {"name": "a", "type": "INTEGER", "mode": "NULLABLE"},
        {"name": "b", "type": "FLOAT", "mode": "REPEATED"},
    ],
}


def test_a_field_goes_through_rest_unchanged():
    field = field_from_rest(NESTED)
    assert field.rest() == NESTED
    assert field.sql_type == "ARRAY<STRUCT<a INT64, b ARRAY<FLOAT64>>>"
    assert field.duckdb_type == 'STRUCT("a" BIGINT, "b" DOUBLE[])[]'


def test_duckdbs_types_come_back_as_the_fields_that_made_them():
    kinds = ("INT64", "FLOAT64", "NUMERIC", "BOOL", "STRING", "BYTES", "DATE", "TIME")
    fields = [Field(name=f"c{n}", type=kind) for n, kind in enumerate(kinds)]
    fields += [Field(name="t", type="DATETIME"), Field(name="z", type="TIMESTAMP")]
    fields += [Field(name="j", type="JSON"), field_from_rest(NESTED)]
    fields += [Field(name="b", type="BIGNUMERIC"), Field(name="i", type="INTERVAL")]
    fields += [
        Field(name=f"r_{one}", type=f"RANGE<{one}>", mode=mode)
        for one, mode in (("DATE", "NULLABLE"), ("DATETIME", "REPEATED"), ("TIMESTAMP", "NULLABLE"))
    ]
    database = Database()
    try:
        name = database.create(fields)
        with database.cursor() as cursor:
            relation = cursor.sql(f"FROM {name}")
            found = fields_from_duckdb(list(zip(relation.columns, relation.types, strict=True)))
    finally:
        database.close()
    assert list(found) == fields


@pytest.mark.parametrize(
    "name", ["a.b", 'a"b', "", "a~", "a`", "(a)", "x" * 301, "_partitiontime", "_Change_Type"]
)
def test_a_column_name_that_bigquery_refuses(name):
    with pytest.raises(ApiError, match="Invalid field name"):
        schema_from_rest({"fields": [{"name": name, "type": "STRING"}]})


@pytest.mark.parametrize("name", ["a b", "1a", "a-b", "é % & = + : ' < > # |", "列", "x" * 300])
def test_a_flexible_column_name_is_kept(name):
    given = {"fields": [{"name": name, "type": "STRING", "mode": "NULLABLE"}]}
    assert schema_rest(schema_from_rest(given)) == given


def test_names_that_differ_by_case_only_are_doubled():
    fields = [{"name": "a", "type": "STRING"}, {"name": "A", "type": "STRING"}]
    with pytest.raises(ApiError, match="Duplicate field name"):
        schema_from_rest({"fields": fields})


@pytest.mark.parametrize("kind", ["GEOGRAPHY", "FOREIGN"])
def test_a_type_that_the_stub_lacks_is_refused_by_name(kind):
    with pytest.raises(UnsupportedError, match=kind):
        field_from_rest({"name": "a", "type": kind})


@pytest.mark.parametrize(
    ("resource", "shown"),
    [
        ({"type": "STRING", "maxLength": "3"}, "STRING(3)"),
        ({"type": "BYTES", "maxLength": "3", "mode": "REPEATED"}, "ARRAY<BYTES(3)>"),
        ({"type": "NUMERIC", "precision": "10", "scale": "2"}, "NUMERIC(10, 2)"),
        ({"type": "NUMERIC", "precision": "10"}, "NUMERIC(10)"),
    ],
)
def test_the_parameters_of_a_type_go_through_rest_unchanged(resource, shown):
    given = {"name": "a", "mode": "NULLABLE", **resource}
    field = field_from_rest(given)
    assert field.declared_type == shown
    assert field.rest() == given


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ({"type": "INTEGER", "maxLength": "3"}, "maxLength is not supported"),
        ({"type": "STRING", "precision": "3"}, "precision is not supported"),
        ({"type": "STRING", "maxLength": "0"}, "STRING length must be greater than 0"),
        ({"type": "STRING", "maxLength": "x"}, "Invalid value for maxLength"),
        ({"type": "NUMERIC", "scale": "3"}, "scale without a precision"),
        ({"type": "NUMERIC", "precision": "30"}, r"In NUMERIC\(P\), P must be between 1 and 29"),
        (
            {"type": "NUMERIC", "precision": "40", "scale": "9"},
            r"In NUMERIC\(P, 9\), P must be between 9 and 38",
        ),
        (
            {"type": "NUMERIC", "precision": "10", "scale": "10"},
            r"In NUMERIC\(P, S\), S must be between 0 and 9",
        ),
    ],
)
def test_parameters_that_a_type_does_not_take(resource, message):
    with pytest.raises(ApiError, match=message):
        field_from_rest({"name": "a", **resource})


@pytest.mark.parametrize("option", ["collation", "policyTags", "roundingMode"])
def test_an_option_that_would_have_no_effect_is_refused(option):
    with pytest.raises(UnsupportedError, match=f"{option} of field a"):
        field_from_rest({"name": "a", "type": "STRING", option: "x"})


def test_an_unknown_type_is_invalid():
    with pytest.raises(ApiError, match="NO_TYPE is not a valid value"):
        field_from_rest({"name": "a", "type": "NO_TYPE"})


def table(*fields: Field) -> Table:
    ref = TableRef(project="p", dataset="d", table="t")
    return Table(ref=ref, fields=fields, rows_in="", created=0, modified=0)


A = Field(name="a", type="INT64")
B = Field(name="b", type="STRING")
ADD = ("ALLOW_FIELD_ADDITION",)


def test_an_append_may_leave_a_nullable_column_out():
    assert merged_schema(table(A, B), [A]) == (A, B)


def test_an_append_may_add_a_column_only_if_the_job_says_so():
    with pytest.raises(ApiError, match=r"Cannot add fields \(field: b\)"):
        merged_schema(table(A), [A, B])
    assert merged_schema(table(A), [A, B], updates=ADD) == (A, B)


def test_a_column_keeps_its_type():
    other = Field(name="a", type="STRING")
    with pytest.raises(
        ApiError, match=r"Table p:d\.t\. Field a has changed type from INTEGER to STRING"
    ):
        merged_schema(table(A), [other], updates=ADD)


def test_a_changed_schema_may_not_lose_a_column():
    with pytest.raises(ApiError, match="Field b is missing in new schema"):
        merged_schema(table(A, B), [A], complete=True)


def test_an_added_column_may_not_be_required():
    required = Field(name="c", type="STRING", mode="REQUIRED")
    with pytest.raises(ApiError, match="Cannot add required fields"):
        merged_schema(table(A), [A, required], updates=ADD)


def test_partition_ids_of_each_kind():
    database = Database()
    expected = {
        "HOUR": {"2021013117", "__NULL__"},
        "DAY": {"20210131", "__NULL__"},
        "MONTH": {"202101", "__NULL__"},
        "YEAR": {"2021", "__NULL__"},
    }
    try:
        name = database.create([Field(name="t", type="TIMESTAMP"), Field(name="n", type="INT64")])
        with database.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {name} VALUES ('2021-01-31 17:59:59+00', 25), (NULL, -1), (NULL, NULL)"
            )
            for kind, ids in expected.items():
                sql = Partitioning(type=kind, field="t").id_sql()
                found = cursor.execute(f"SELECT DISTINCT {sql} FROM {name}").fetchall()
                assert {row[0] for row in found} == ids
            ranges = Partitioning(type="RANGE", field="n", start=0, end=100, interval=10)
            found = cursor.execute(f"SELECT {ranges.id_sql()} FROM {name}").fetchall()
            assert {row[0] for row in found} == {"20", "__UNPARTITIONED__", "__NULL__"}
    finally:
        database.close()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"type": "DAY", "field": "nope"}, "cannot be found"),
        ({"type": "DAY", "field": "b"}, "The type found is: STRING"),
        ({"type": "WEEK", "field": "d"}, "WEEK is not a valid value"),
        ({"type": "HOUR", "field": "d"}, "Hourly"),
    ],
)
def test_a_partitioning_that_does_not_fit(spec, message):
    fields = [B, Field(name="d", type="DATE")]
    with pytest.raises(ApiError, match=message):
        partitioning_from_rest({"timePartitioning": spec}, fields=fields)


def test_a_decorator_is_split_off():
    assert split_decorator("t$20210131") == ("t", "20210131")
    assert split_decorator("t") == ("t", "")


def test_a_decorator_must_fit_the_kind():
    assert "2021-01-31" in Partitioning(type="DAY").time_sql("20210131")
    with pytest.raises(ApiError, match="Invalid partition id"):
        Partitioning(type="DAY").time_sql("202101")


def test_errors_have_bigquerys_shape():
    body = not_found_table("p:d.t", location="EU").body()
    assert body == {
        "error": {
            "code": 404,
            "message": "Not found: Table p:d.t was not found in location EU",
            "errors": [
                {
                    "reason": "notFound",
                    "message": "Not found: Table p:d.t was not found in location EU",
                    "domain": "global",
                }
            ],
            "status": "NOT_FOUND",
        }
    }
