"""Newline-delimited JSON; a field that the schema does not have fails the job."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.parsing import parsed
from harness.bigquery.sql.failures import explained
from harness.bigquery.types import Field, checked, fields_from_duckdb, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from harness.bigquery.database import Database
    from harness.bigquery.loads import Source

_READING = "Error while reading data, error message:"
_ROW = "JSON parsing error in row starting at position 0:"


def stage(
    database: Database,
    files: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> tuple[tuple[Field, ...], str]:
    """Read files into a new DuckDB table.

    Args:
        database: Holds the rows.
        files: The files.
        configuration: The JobConfigurationLoad.
        wanted: The columns, or None where they are to be detected.

    Returns:
        The columns and the name of the table.

    Raises:
        ApiError: A row does not fit.
    """
    import duckdb  # noqa: PLC0415

    paths = "[" + ", ".join(literal(str(path)) for path in files.paths) + "]"
    raw = database.new_name()
    try:
        with database.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE {raw} AS SELECT json AS j FROM "  # noqa: S608
                f"read_json_objects({paths}, format = 'newline_delimited')"
            )
            if cursor.execute(
                f"SELECT 1 FROM {raw} WHERE json_type(j) <> 'OBJECT' LIMIT 1"  # noqa: S608
            ).fetchone():
                raise ApiError("invalid", f"{_READING} {_ROW} Row is not a JSON object")
            fields = _detect(cursor, paths) if wanted is None else wanted
            if not configuration.get("ignoreUnknownValues"):
                _refuse_unknown(cursor, raw, "j", fields, "")
            _refuse_bad(cursor, raw, fields)
            staged = database.create(fields)
            try:
                cells = ", ".join(_cell(field, _member("j", field)) for field in fields)
                cursor.execute(f"INSERT INTO {staged} SELECT {cells} FROM {raw}")  # noqa: S608
            except BaseException:
                database.drop(staged)
                raise
    except duckdb.Error as error:
        raise ApiError("invalid", f"{_READING} {_ROW} {explained(error).message}") from error
    finally:
        database.drop(raw)
    return fields, staged


def _detect(cursor: duckdb.DuckDBPyConnection, paths: str) -> tuple[Field, ...]:
    relation = cursor.sql(
        f"SELECT * FROM read_json({paths}, format = 'newline_delimited', sample_size = -1, "  # noqa: S608
        "maximum_depth = -1, map_inference_threshold = -1, union_by_name = true)"
    )
    found = fields_from_duckdb(list(zip(relation.columns, relation.types, strict=True)))
    return checked(tuple(map(_as_detected, found)))


def _as_detected(field: Field) -> Field:
    kinds = {"DATETIME": "TIMESTAMP", "JSON": "STRING"}
    return replace(
        field,
        type=kinds.get(field.type, field.type),
        fields=tuple(map(_as_detected, field.fields)),
    )


def _member(node: str, field: Field) -> str:
    path = field.name.replace('"', '\\"')
    return f"""json_extract({node}, '$."{path}"')"""


def _cell(field: Field, node: str, depth: int = 0) -> str:
    if not field.repeated:
        return _one(field, node, depth)
    item = f"item_{depth}"
    one = _one(field, item, depth + 1)
    items = f"list_transform(CAST({node} AS JSON[]), lambda {item} : {one})"
    kind = f"CAST([] AS {field.duckdb_type})"
    return f"CASE WHEN {_is_null(node)} THEN {kind} ELSE {items} END"


def _one(field: Field, node: str, depth: int) -> str:
    if field.type == "STRUCT":
        inner = ", ".join(
            f"{quoted(one.name)} := {_cell(one, _member(node, one), depth)}" for one in field.fields
        )
        return f"CASE WHEN {_is_null(node)} THEN NULL ELSE struct_pack({inner}) END"
    if field.type == "JSON":
        return f"CASE WHEN {_is_null(node)} THEN NULL ELSE {node} END"
    return f"CASE WHEN {_is_null(node)} THEN NULL ELSE {_strict(field, _text(node))} END"


def _strict(field: Field, text: str) -> str:
    value = parsed(field.type, text)
    message = literal(f"bq:Could not convert value to {field.type}. Field: {field.name}; Value: ")
    return f"CASE WHEN ({value}) IS NULL THEN error({message} || {text}) ELSE {value} END"


def _text(node: str) -> str:
    return f"json_extract_string({node}, '$')"


def _is_null(node: str) -> str:
    return f"({node} IS NULL OR json_type({node}) = 'NULL')"


def _refuse_bad(cursor: duckdb.DuckDBPyConnection, raw: str, fields: Sequence[Field]) -> None:
    """Name the field of a value that has the wrong shape, which a cast would only half tell."""
    for field in fields:
        node = _member("j", field)
        if field.repeated:
            wrong, what = "<> 'ARRAY'", "an array"
        elif field.type == "STRUCT":
            wrong, what = "<> 'OBJECT'", "an object"
        elif field.type != "JSON":
            wrong, what = "IN ('ARRAY', 'OBJECT')", "a single value"
        else:
            continue
        bad = cursor.execute(
            f"SELECT 1 FROM {raw} WHERE NOT {_is_null(node)} AND json_type({node}) {wrong} LIMIT 1"  # noqa: S608
        ).fetchone()
        if bad:
            raise ApiError("invalid", f"{_READING} {_ROW} Field: {field.name} is not {what}")


def _refuse_unknown(
    cursor: duckdb.DuckDBPyConnection, raw: str, node: str, fields: Sequence[Field], prefix: str
) -> None:
    rows = cursor.execute(
        f"SELECT DISTINCT unnest(json_keys({node})) FROM {raw} WHERE json_type({node}) = 'OBJECT'"  # noqa: S608
    ).fetchall()
    known = {field.name for field in fields}
    for (name,) in rows:
        if name not in known:
            raise ApiError("invalid", f"{_READING} {_ROW} No such field: {prefix}{name}.")
    for field in fields:
        if field.type == "STRUCT" and not field.repeated:
            inner = f"{prefix}{field.name}."
            _refuse_unknown(cursor, raw, _member(node, field), field.fields, inner)
