"""External tables in the catalog and in FROM."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError
from harness.bigquery.kept_parts import TABLE_KEPT, kept
from harness.bigquery.loads.external import FILE_NAME, External, external_of
from harness.bigquery.partitions.partitions import Partitioning
from harness.bigquery.types import schema_from_rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.sql.sources import Found
    from harness.bigquery.statements.statement import Session

_RESOURCE = "externalDataConfiguration"


def new_table(catalog: Catalog, ref: TableRef, resource: Mapping[str, Any]) -> Table:
    """An external table by the resource of tables.insert; it is not in the catalog yet.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    for other in ("timePartitioning", "rangePartitioning", "clustering"):
        if resource.get(other):
            raise ApiError("invalid", f"An external table cannot have {other}")
    fields = schema_from_rest(resource.get("schema"))
    external = external_of(catalog, resource[_RESOURCE], fields=fields, name=_name(ref))
    return entry(catalog, ref, external, kept=kept(resource, TABLE_KEPT))


def entry(
    catalog: Catalog, ref: TableRef, external: External, *, kept: Mapping[str, object]
) -> Table:
    """The entry of an external table: it has a place for rows, which stays empty."""
    return Table(
        ref=ref,
        fields=external.columns,
        rows_in=catalog.database.create(external.columns),
        external=external,
        kept=kept,
        created=now_ms(),
        modified=now_ms(),
    )


def changed_external(
    catalog: Catalog, old: Table, new: Table, resource: Mapping[str, Any]
) -> Table:
    """An external table after a patch.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    if old.external is None:
        raise ApiError("invalid", f"Cannot change table {old.ref} to an external table")
    schema = resource.get("schema")
    if not resource.get(_RESOURCE) and schema is None:
        return new
    given = resource.get(_RESOURCE) or old.external.resource
    fields = schema_from_rest(schema) if schema is not None else ()
    external = external_of(catalog, given, fields=fields, name=_name(old.ref))
    return replace(
        new,
        fields=external.columns,
        external=external,
        rows_in=catalog.database.create(external.columns),
    )


def found(session: Session, table: Table) -> Found:
    """What stands for an external table in FROM.

    Raises:
        ApiError: Its files cannot be read, or it requires a filter that is not there.
    """
    external = table.external
    if external is None:
        raise ApiError("invalid", f"{table.ref} is not an external table")
    _check_filter(session, table, external)
    session.read.append(table)
    return _found(_fetched(session, table.ref, external), table)


def fetch_named(session: Session) -> None:
    """Fetch the files of the external tables that a statement names, before anything is locked.

    What cannot be fetched is told where the table is read.
    """
    from sqlglot import exp  # noqa: PLC0415

    from harness.bigquery.sql.sources import name_parts  # noqa: PLC0415

    for node in session.tree.find_all(exp.Table):
        with suppress(ApiError):
            table = session.table(name_parts(node))
            if table.external is not None:
                _fetched(session, table.ref, table.external)


def _fetched(session: Session, ref: TableRef, external: External) -> str:
    """What stands in FROM for the files, which a statement fetches once."""
    key = str(ref)
    if key not in session.external:
        from harness.bigquery.loads.external_files import rows_sql  # noqa: PLC0415

        session.external[key] = rows_sql(session.catalog, external, name=_name(ref))
    return session.external[key][0]


def temporary(session: Session, name: str) -> Found:
    """What stands for a table that the query job defines for itself.

    Raises:
        ApiError: Its definition is malformed, or its files cannot be read.
    """
    resource = session.statement.definitions[name]
    external = external_of(session.catalog, resource, name=name)
    ref = TableRef(project=session.statement.project, dataset="", table=name)
    table = Table(
        ref=ref,
        fields=external.columns,
        rows_in="",
        external=external,
        created=now_ms(),
        modified=now_ms(),
    )
    return found(session, table)


def _found(sql: str, table: Table) -> Found:
    from harness.bigquery.sql.kinds import Kind, kind_of_field  # noqa: PLC0415
    from harness.bigquery.sql.sources import Found  # noqa: PLC0415

    return Found(
        sql=sql,
        columns=tuple((one.name, kind_of_field(one)) for one in table.fields),
        hidden=((FILE_NAME, f'{{alias}}."{FILE_NAME}"', Kind("STRING")),),
        path=(table.ref.project, table.ref.dataset, table.ref.table),
    )


def _name(ref: TableRef) -> str:
    """As messages on reading call a table."""
    return f"{ref.dataset}.{ref.table}" if ref.dataset else ref.table


def _check_filter(session: Session, table: Table, external: External) -> None:
    """Refuse to read without a filter on a key where the definition requires one."""
    from harness.bigquery.partitions.pruning import filters_of  # noqa: PLC0415

    if external.hive is None or not external.hive.require_filter:
        return
    for key in external.keys:
        cut = replace(table, partitioning=Partitioning(type="DAY", field=key.name))
        mentions = filters_of(session, cut)
        if mentions and all(one.usable() for one in mentions):
            return
    names = ", ".join(f"'{key.name}'" for key in external.keys)
    raise ApiError(
        "invalidQuery",
        f"Cannot query over table '{str(table.ref).replace(':', '.')}' without a filter over "
        f"column(s) {names} that can be used for partition elimination",
    )
