"""Contracts in the terms of BigQuery and of dbt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from harness.contracts.export import Target, exported
from harness.contracts.reader import parse_document
from harness.errors import InputError


def contract(service: str, columns: str, *, name: str = "ny.trips", more: str = ""):
    rules = "".join(f"      {line}\n" for line in columns.splitlines())
    text = f"contract: 1\npipeline: shop\n{service}:\n  {name}:\n{more}    columns:\n{rules}"
    return parse_document(text, file=Path("shop.yaml")).contract


def field(service: str, kind: str, *, rule: str = ""):
    one = contract(service, f"c: {{type: {json.dumps(kind)}{rule}}}")
    (told,) = json.loads(exported([one], to=Target.BIGQUERY))
    assert told.pop("name") == "c"
    return told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("bigint", {"type": "INTEGER"}),
        ("smallint", {"type": "INTEGER"}),
        ("int4", {"type": "INTEGER"}),
        ("real", {"type": "FLOAT"}),
        ("double precision", {"type": "FLOAT"}),
        ("numeric", {"type": "BIGNUMERIC"}),
        ("numeric(10,2)", {"type": "NUMERIC", "precision": "10", "scale": "2"}),
        ("numeric(40,20)", {"type": "BIGNUMERIC", "precision": "40", "scale": "20"}),
        ("text", {"type": "STRING"}),
        ("character varying(5)", {"type": "STRING", "maxLength": "5"}),
        ("boolean", {"type": "BOOLEAN"}),
        ("bytea", {"type": "BYTES"}),
        ("date", {"type": "DATE"}),
        ("timestamp without time zone", {"type": "DATETIME"}),
        ("timestamp with time zone", {"type": "TIMESTAMP"}),
        ("time without time zone", {"type": "TIME"}),
        ("time with time zone", {"type": "STRING"}),
        ("jsonb", {"type": "JSON"}),
        ("uuid", {"type": "STRING"}),
        ("inet", {"type": "STRING"}),
        ("mood", {"type": "STRING"}),
        ("integer[]", {"type": "INTEGER", "mode": "REPEATED"}),
        ("mood[]", {"type": "STRING", "mode": "REPEATED"}),
    ],
)
def test_types_of_postgres(kind, told):
    assert field("postgres", kind) == told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("INT64", {"type": "INTEGER"}),
        ("FLOAT64", {"type": "FLOAT"}),
        ("STRING(10)", {"type": "STRING", "maxLength": "10"}),
        ("NUMERIC(10, 2)", {"type": "NUMERIC", "precision": "10", "scale": "2"}),
        ("BIGNUMERIC(10)", {"type": "BIGNUMERIC", "precision": "10", "scale": "0"}),
        ("BIGNUMERIC", {"type": "BIGNUMERIC"}),
        ("DATETIME", {"type": "DATETIME"}),
        ("GEOGRAPHY", {"type": "GEOGRAPHY"}),
        ("RANGE<DATE>", {"type": "RANGE", "rangeElementType": {"type": "DATE"}}),
        (
            "STRUCT<a INT64, `b c` ARRAY<STRUCT<d STRING(5)>>>",
            {
                "type": "RECORD",
                "fields": [
                    {"name": "a", "type": "INTEGER"},
                    {
                        "name": "b c",
                        "type": "RECORD",
                        "mode": "REPEATED",
                        "fields": [{"name": "d", "type": "STRING", "maxLength": "5"}],
                    },
                ],
            },
        ),
    ],
)
def test_types_of_bigquery(kind, told):
    assert field("bigquery", kind) == told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("int64", {"type": "INTEGER"}),
        ("uint64", {"type": "NUMERIC"}),
        ("double", {"type": "FLOAT"}),
        ("large_string", {"type": "STRING"}),
        ("date32[day]", {"type": "DATE"}),
        ("timestamp[us]", {"type": "DATETIME"}),
        ("timestamp[ns, tz=Europe/Berlin]", {"type": "TIMESTAMP"}),
        ("time64[us]", {"type": "TIME"}),
        ("decimal128(38, 9)", {"type": "NUMERIC", "precision": "38", "scale": "9"}),
        ("dictionary<values=string, indices=int32, ordered=0>", {"type": "STRING"}),
        ("list<item: int64>", {"type": "INTEGER", "mode": "REPEATED"}),
        ("fixed_size_list<item: float>[3]", {"type": "FLOAT", "mode": "REPEATED"}),
        (
            "list<element: struct<a: int64 not null, b: list<item: string>>>",
            {
                "type": "RECORD",
                "fields": [
                    {"name": "a", "type": "INTEGER"},
                    {"name": "b", "type": "STRING", "mode": "REPEATED"},
                ],
                "mode": "REPEATED",
            },
        ),
        (
            "map<string, int64>",
            {
                "type": "RECORD",
                "fields": [
                    {"name": "key", "type": "STRING"},
                    {"name": "value", "type": "INTEGER"},
                ],
                "mode": "REPEATED",
            },
        ),
    ],
)
def test_types_of_arrow(kind, told):
    assert field("gcs", kind) == told


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        ("gcs", "decimal256(76, 10)"),
        ("gcs", "list<item: list<item: int64>>"),
        ("gcs", "month_day_nano_interval"),
        ("bigquery", "WHATEVER"),
    ],
)
def test_what_bigquery_has_no_type_for_is_told(service, kind):
    with pytest.raises(InputError, match=r"BigQuery has no type for column c of ny\.trips"):
        field(service, kind)


def test_what_the_service_refuses_is_required():
    assert field("postgres", "text", rule=", required: true")["mode"] == "REQUIRED"


def test_of_several_sinks_one_must_be_named():
    both = [
        contract("postgres", "a: {type: text}"),
        contract("gcs", "a: {type: string}", name="x/y"),
    ]
    with pytest.raises(InputError, match="of one table"):
        exported(both, to=Target.BIGQUERY)
    assert json.loads(exported(both, to=Target.BIGQUERY, sink="x/y")) == [
        {"name": "a", "type": "STRING"}
    ]
    with pytest.raises(InputError, match=r"did you mean --sink 'ny\.trips'"):
        exported(both, to=Target.BIGQUERY, sink="ny.trip")


def test_sources_of_dbt():
    trips = contract(
        "postgres",
        "id: {type: bigint, nulls: 0}\nVendorID: {type: bigint, isin: [1, 2]}\n"
        'flag: {type: text, nulls: 0, isin: ["N", "it\'s"]}\n'
        "at: {type: date, volatile: true, nulls: 0}\nplain:",
        more="    key: {columns: [id]}\n",
    )
    object_ = contract("gcs", "a: {type: string}", name="x/y")
    text = exported([trips, object_], to=Target.DBT)
    assert YAML(typ="safe").load(text) == {
        "version": 2,
        "sources": [
            {
                "name": "ny",
                "schema": "ny",
                "tables": [
                    {
                        "name": "trips",
                        "description": "Written by the pipeline shop.",
                        "columns": [
                            {
                                "name": "id",
                                "data_type": "bigint",
                                "data_tests": ["not_null", "unique"],
                            },
                            {
                                "name": "VendorID",
                                "data_type": "bigint",
                                "quote": True,
                                "data_tests": [
                                    {"accepted_values": {"values": [1, 2], "quote": False}}
                                ],
                            },
                            {
                                "name": "flag",
                                "data_type": "text",
                                "data_tests": [
                                    "not_null",
                                    {
                                        "accepted_values": {
                                            "values": ["'N'", "'it''s'"],
                                            "quote": False,
                                        }
                                    },
                                ],
                            },
                            {"name": "at", "data_type": "date"},
                            {"name": "plain"},
                        ],
                    }
                ],
            }
        ],
    }


def test_dbt_is_told_of_one_database():
    both = [
        contract("postgres", "a: {type: text}"),
        contract("bigquery", "a: {type: STRING, nulls: 3}", name="other.ny.days"),
    ]
    with pytest.raises(InputError, match="one database"):
        exported(both, to=Target.DBT)
    assert YAML(typ="safe").load(exported(both, to=Target.DBT, service="bigquery"))["sources"] == [
        {
            "name": "ny",
            "database": "other",
            "schema": "ny",
            "tables": [
                {
                    "name": "days",
                    "description": "Written by the pipeline shop.",
                    "columns": [{"name": "a", "data_type": "STRING"}],
                }
            ],
        }
    ]


def test_dbt_is_told_of_tables_only():
    with pytest.raises(InputError, match="no table"):
        exported([contract("gcs", "a: {type: string}", name="x/y")], to=Target.DBT)
