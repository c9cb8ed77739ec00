"""Queries: their columns, and their answers in tables of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.bigquery.entries import TableRef
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.fields_duckdb import fields_from_duckdb
from harness.bigquery.statements.statement import Outcome, Session, Statement
from harness.bigquery.types import Field, checked, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    from sqlglot import exp

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.statements.script import Script


def open_session(catalog: Catalog, statement: Statement) -> Session | Script:
    """Parse a request.

    Returns:
        Its statement, or a script where there are several.

    Raises:
        ApiError: It is not GoogleSQL, or holds what the stub does not do.
    """
    from sqlglot import exp  # noqa: PLC0415

    from harness.bigquery.sql.parse import parse_all  # noqa: PLC0415
    from harness.bigquery.statements.script import Script  # noqa: PLC0415
    from harness.bigquery.statements.variables import check_places  # noqa: PLC0415

    parts = parse_all(statement.text)
    if len(parts) > 1 or isinstance(parts[0].tree, exp.Declare | exp.Set):
        check_places(parts)
        return Script(catalog=catalog, statement=statement, parts=parts)
    return Session(catalog=catalog, statement=statement, tree=parts[0].tree)


def select(session: Session, tree: exp.Expr, *, dry: bool = False) -> Outcome:
    """Answer a query into a table of its own.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    with session.catalog.reading():
        sql = session.sql(tree)
        fields = answer_fields(session, sql)
        staged = None if dry else stage(session, sql, fields)
        return Outcome(
            type="SELECT",
            fields=fields,
            staged=staged,
            tables=session.tables_read(),
            bytes=session.bytes_read(),
        )


def result_fields(session: Session, sql: str) -> tuple[Field, ...]:
    """The columns that a query would answer; nothing is run.

    Raises:
        ApiError: A name is not known.
    """
    with session.cursor() as cursor:
        relation = cursor.sql(sql)
        return fields_from_duckdb(list(zip(relation.columns, relation.types, strict=True)))


def doubled_names(fields: Sequence[Field]) -> list[str]:
    """The names that stand for two columns; case does not tell names apart."""
    seen: set[str] = set()
    found: dict[str, str] = {}
    for one in fields:
        if one.name.lower() in seen:
            found.setdefault(one.name.lower(), one.name)
        seen.add(one.name.lower())
    return list(found.values())


def answer_fields(session: Session, sql: str) -> tuple[Field, ...]:
    """The columns of a SELECT's answer: a name that is there already gets a number, ``a_1``.

    Raises:
        ApiError: A name is not known, or not one for the table that the client names.
    """
    fields = result_fields(session, sql)
    if session.statement.kept:
        if doubled := doubled_names(fields):
            raise ApiError(
                "invalidQuery",
                "Duplicate column names in the result are not supported when a destination table "
                f"is present. Found duplicate(s): {', '.join(doubled)}",
                location="query",
            )
        return checked(fields)
    taken, made = {one.name.lower() for one in fields}, []
    seen: set[str] = set()
    for one in fields:
        name, number = one.name, 0
        while name.lower() in seen or (number and name.lower() in taken):
            number += 1
            name = f"{one.name}_{number}"
        seen.add(name.lower())
        made.append(replace(one, name=name))
    return tuple(made)


def stage(session: Session, sql: str, fields: Sequence[Field]) -> str:
    """Run a query into a new DuckDB table with BigQuery's types.

    Raises:
        ApiError: It fails.
    """
    name = session.catalog.database.new_name()
    columns = ", ".join(f"c{number}" for number in range(len(fields)))
    cells = ", ".join(
        f"CAST(c{number} AS {one.duckdb_type}) AS {quoted(one.name)}"
        for number, one in enumerate(fields)
    )
    try:
        with session.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {name} AS SELECT {cells} FROM ({sql}) AS q({columns})")  # noqa: S608
            for one in fields:
                if one.repeated:
                    _refuse_null_elements(cursor, name, one)
    except BaseException:
        session.catalog.database.drop(name)
        raise
    return name


def _refuse_null_elements(cursor: duckdb.DuckDBPyConnection, name: str, one: Field) -> None:
    column = quoted(one.name)
    bad = cursor.execute(
        f"SELECT 1 FROM {name} WHERE len(list_filter({column}, lambda x : x IS NULL)) > 0 LIMIT 1"  # noqa: S608
    ).fetchone()
    if bad:
        raise ApiError(
            "invalidQuery", f"Array cannot have a null element; error in writing field {one.name}"
        )


_LEGACY_PARTITIONS = re.compile(
    r"\s*SELECT\s+(?P<columns>[\w\s,]+?)\s+FROM\s+"
    r"\[(?:(?P<project>[\w.-]+):)?(?P<dataset>\w+)\.(?P<table>\w+)\$__PARTITIONS_SUMMARY__\]\s*;?\s*",
    re.IGNORECASE,
)


def legacy(catalog: Catalog, statement: Statement) -> Outcome:
    """The one query of legacy SQL that clients still send: a table's partitions.

    Raises:
        ApiError: It is another one, or the table is not there.
    """
    from harness.bigquery.sql.parse import parse  # noqa: PLC0415
    from harness.bigquery.statements.schema_columns import PARTITIONS_SUMMARY, rows_sql  # noqa: PLC0415
    from harness.bigquery.statements.schema_tables import partition_rows  # noqa: PLC0415

    found = _LEGACY_PARTITIONS.fullmatch(statement.text)
    if not found:
        raise UnsupportedError("legacy SQL")
    ref = TableRef(
        project=found["project"] or statement.project,
        dataset=found["dataset"],
        table=found["table"],
    )
    table = catalog.table(ref, location=statement.location)
    sql = f"SELECT {found['columns']} FROM {rows_sql(PARTITIONS_SUMMARY, partition_rows(table))}"  # noqa: S608
    session = Session(catalog=catalog, statement=statement, tree=parse("SELECT 1"))
    fields = result_fields(session, sql)
    return Outcome(type="SELECT", fields=fields, staged=stage(session, sql, fields), tables=(ref,))
