"""A sink's columns as BigQuery's schema JSON, which ``bq load --schema`` takes.

The types of the fields are those of the REST resource ``TableFieldSchema``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.contracts.arrow_types import from_arrow
from harness.contracts.bigquery_types import TEXT, decimal, repeated
from harness.contracts.mysql_types import from_mysql
from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.contracts.model import SinkRule

_SIMPLE = {
    "INT64": "INTEGER",
    "FLOAT64": "FLOAT",
    "BOOL": "BOOLEAN",
    **{
        name: name
        for name in (
            *("STRING", "BYTES", "DATE", "TIME", "DATETIME", "TIMESTAMP", "JSON", "INTERVAL"),
            *("GEOGRAPHY", "NUMERIC", "BIGNUMERIC"),
        )
    },
}


def fields_of(service: str, name: str, rule: SinkRule) -> list[dict[str, Any]]:
    """The schema of a sink.

    Args:
        service: The service whose terms the types are in.
        name: The sink's name.
        rule: What its contract says.

    Raises:
        InputError: The contract tells no types, or one that BigQuery has no counterpart for.
    """
    if not rule.columns:
        raise InputError(
            f"the contract says nothing of the columns of {name}",
            remedy="write it anew: mage-harness contract write",
        )
    fields = []
    for column, said in rule.columns.items():
        if said is None or said.type is None:
            raise InputError(
                f"the contract does not say the type of column {column} of {name}",
                remedy="give its type there, or leave the column out",
            )
        try:
            kind = _FORMS[service](said.type)
        except (SqlglotError, ValueError) as error:
            raise InputError(
                f"BigQuery has no type for column {column} of {name}, which is {said.type}",
                cause=str(error).partition("\n")[0],
                remedy="leave the column out of the contract, or give its type in Arrow's terms",
            ) from error
        field = {"name": column, **kind}
        if said.required and "mode" not in field:
            field["mode"] = "REQUIRED"
        fields.append(field)
    return fields


def _from_bigquery(text: str) -> dict[str, Any]:
    return _field(exp.DataType.build(text, dialect="bigquery"))


def _from_postgres(text: str) -> dict[str, Any]:
    """What BigQuery has no type for is text, as PostgreSQL shows it."""
    if text.endswith("[]"):
        return repeated(_from_postgres(text.removesuffix("[]")))
    try:
        kind = exp.DataType.build(text, dialect="postgres")
    except SqlglotError:
        return dict(TEXT)
    if kind.this == exp.DataType.Type.JSONB:
        return {"type": "JSON"}
    name = kind.sql("bigquery").partition("(")[0]
    if name == "NUMERIC" and not kind.expressions:
        # Without a precision PostgreSQL's has more digits than any of BigQuery's.
        return {"type": "BIGNUMERIC"}
    return _field(kind) if name in _SIMPLE else dict(TEXT)


def _from_duckdb(text: str) -> dict[str, Any]:
    return _field(exp.DataType.build(text, dialect="duckdb"))


def _field(kind: exp.DataType) -> dict[str, Any]:
    if kind.this == exp.DataType.Type.ARRAY:
        return repeated(_field(kind.expressions[0]))
    if kind.this == exp.DataType.Type.STRUCT:
        parts = [{"name": part.name, **_field(part.args["kind"])} for part in kind.expressions]
        return {"type": "RECORD", "fields": parts}
    text = kind.sql("bigquery")
    name = text.partition("(")[0].partition("<")[0]
    if name == "RANGE":
        element = text.partition("<")[2].rstrip(">")
        return {"type": "RANGE", "rangeElementType": {"type": element}}
    if name not in _SIMPLE:
        raise ValueError(f"{name} is none of BigQuery's")
    numbers = [int(part.name) for part in kind.expressions]
    if name in ("NUMERIC", "BIGNUMERIC") and numbers:
        scale = numbers[1] if len(numbers) > 1 else 0
        return decimal(numbers[0], scale, least=name)
    length: Mapping[str, Any] = {"maxLength": str(numbers[0])} if numbers else {}
    return {"type": _SIMPLE[name], **length}


_FORMS = {
    "bigquery": _from_bigquery,
    "postgres": _from_postgres,
    "gcs": from_arrow,
    "s3": from_arrow,
    "mysql": from_mysql,
    "duckdb": _from_duckdb,
}
