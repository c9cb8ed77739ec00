"""What stands for a name in FROM: a view of the catalog, a wildcard, a table or a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.fields_duckdb import fields_from_duckdb
from harness.bigquery.statements.information_schema import view_sql
from harness.bigquery.statements.time_travel import check_decorator, check_time
from harness.bigquery.statements.views import view_source

if TYPE_CHECKING:
    from harness.bigquery.entries import Table
    from harness.bigquery.sql.sources import Found
    from harness.bigquery.statements.statement import Session


def found_in_from(session: Session, parts: tuple[str, ...], *, as_of: str | None = None) -> Found:
    """What stands for a table in FROM.

    Args:
        session: The statement.
        parts: The parts of its name.
        as_of: SQL of the time whose rows are asked for, or None for now.

    Raises:
        ApiError: It is not there, or may not be read so.
    """
    from harness.bigquery.sql.kinds import kind_of_field  # noqa: PLC0415
    from harness.bigquery.sql.sources import Found  # noqa: PLC0415

    project = session.statement.home
    sql = view_sql(session.catalog, parts, project=project, location=session.location)
    if sql is not None:
        with session.cursor() as cursor:
            known = cursor.sql(f"SELECT * FROM {sql}")  # noqa: S608
            pairs = list(zip(known.columns, known.types, strict=True))
        columns = [(one.name, kind_of_field(one)) for one in fields_from_duckdb(pairs)]
        return Found(sql=sql, columns=tuple(columns))
    name = parts[-1]
    if name.endswith("*"):
        from harness.bigquery.statements.wildcards import wildcard  # noqa: PLC0415

        if as_of is not None:
            raise UnsupportedError("FOR SYSTEM_TIME AS OF of a wildcard table")
        return wildcard(session, parts)
    check_decorator(parts)
    if len(parts) == 1 and name in session.statement.definitions:
        from harness.bigquery.loads.external_tables import temporary  # noqa: PLC0415

        return temporary(session, name)
    table = session.table(parts)
    if table.external is not None:
        from harness.bigquery.loads.external_tables import found  # noqa: PLC0415

        return found(session, table)
    if as_of is not None:
        check_time(session, table, as_of)
    session.read.append(table)
    if table.view is None:
        session.check_filter(table)
    return found_table(session, table)


def found_table(session: Session, table: Table) -> Found:
    """What stands for a table of the catalog.

    Raises:
        ApiError: It may not be read so.
    """
    from harness.bigquery.sql.kinds import TIMESTAMP, Kind, kind_of_field  # noqa: PLC0415
    from harness.bigquery.sql.sources import Found  # noqa: PLC0415

    columns = tuple((one.name, kind_of_field(one)) for one in table.fields)
    if table.view is None:
        sql = table.rows_in
    else:
        sql, columns = view_source(session, table)
    hidden: tuple[tuple[str, str, Kind], ...] = ()
    if table.pseudo:
        moment = '{alias}."_PARTITIONTIME"'
        hidden = (
            ("_PARTITIONTIME", moment, TIMESTAMP),
            ("_PARTITIONDATE", f"CAST({moment} AS DATE)", Kind("DATE")),
        )
    return Found(
        sql=sql,
        columns=columns,
        hidden=hidden,
        path=(table.ref.project, table.ref.dataset, table.ref.table),
    )
