"""Views: a stored query that stands in FROM in the place of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table, TableRef
    from harness.bigquery.sql.query import Columns
    from harness.bigquery.statements.statement import Session
    from harness.bigquery.types import Field

# The parts of a Table resource that tell which kind of table it is.
KIND_KEPT = ("materializedView", "snapshotDefinition", "cloneDefinition")
# "Limitations of views" in the reference: a view can be defined over up to 16 levels of views.
MAX_DEPTH = 16


def query_of(resource: Mapping[str, Any]) -> str:
    """The query of a ViewDefinition.

    Raises:
        ApiError: It has none, or is one that the stub does not do.
    """
    definition = resource.get("view")
    if not isinstance(definition, dict) or not str(definition.get("query") or "").strip():
        raise ApiError("required", "Required parameter is missing: query", location="view.query")
    # The default of the resource, unlike that of the client, is legacy SQL.
    if definition.get("useLegacySql", True):
        raise UnsupportedError("a view in legacy SQL")
    if definition.get("userDefinedFunctionResources"):
        raise UnsupportedError("a view with userDefinedFunctionResources")
    return str(definition["query"])


def view_fields(
    catalog: Catalog,
    query: str,
    *,
    project: str,
    location: str,
    dataset: tuple[str, str] | None = None,
) -> tuple[Field, ...]:
    """The columns that a view would have; its query is checked, and not run.

    Args:
        catalog: The catalog.
        query: The view's query.
        project: Of names without one.
        location: Of the view's dataset.
        dataset: Project and dataset of names without one, or None.

    Raises:
        ApiError: The query is not one, or reads what is not there.
    """
    from harness.bigquery.statements.queries import result_fields  # noqa: PLC0415

    session = _session(catalog, query, project=project, location=location, dataset=dataset)
    with catalog.reading():
        return result_fields(session, session.sql(session.tree))


def view_tables(
    catalog: Catalog,
    query: str,
    *,
    project: str,
    location: str,
    dataset: tuple[str, str] | None = None,
) -> tuple[TableRef, ...]:
    """The tables that a view's query reads.

    Raises:
        ApiError: The query is not one, or reads what is not there.
    """
    session = _session(catalog, query, project=project, location=location, dataset=dataset)
    with catalog.reading():
        session.sql(session.tree)
    return session.tables_read()


def view_source(session: Session, view: Table) -> tuple[str, Columns]:
    """What stands for a view in FROM, and its columns as they are now.

    Raises:
        ApiError: Its query can no longer be answered, or views are nested too deeply.
    """
    if session.depth >= MAX_DEPTH:
        raise ApiError("invalidQuery", f"View {view.ref} is nested too deeply: 16 levels at most")
    inner = _session(
        session.catalog,
        str(view.view),
        project=view.ref.project,
        location=session.location,
        depth=session.depth + 1,
    )
    # A filter over the view reaches through to the partitions beneath.
    inner.filtered |= session.filtered
    sql, columns = inner.translated(inner.tree)
    session.beneath.append(inner)
    if view.renamed:
        names = [one.name for one in view.fields]
        if len(names) != len(columns):
            raise ApiError(
                "invalidQuery",
                f"View {view.ref} has {len(names)} columns, its query another number",
            )
        listed = ", ".join(map(quoted, names))
        columns = tuple((name, kind) for name, (_, kind) in zip(names, columns, strict=True))
        return f"(SELECT * FROM ({sql}) AS q({listed}))", columns  # noqa: S608
    return f"({sql})", columns


def _session(
    catalog: Catalog,
    query: str,
    *,
    project: str,
    location: str,
    depth: int = 1,
    dataset: tuple[str, str] | None = None,
) -> Session:
    from sqlglot import exp  # noqa: PLC0415

    from harness.bigquery.sql.parse import parse  # noqa: PLC0415
    from harness.bigquery.statements.statement import Session, Statement  # noqa: PLC0415

    tree = parse(query)
    if not isinstance(tree, exp.Query):
        raise ApiError("invalidQuery", "The query of a view must be a SELECT statement")
    statement = Statement(text=query, project=project, location=location, dataset=dataset)
    return Session(catalog=catalog, statement=statement, tree=tree, depth=depth)
