"""Views: a stored query that stands in FROM in the place of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table
    from harness.bigquery.statement import Session
    from harness.bigquery.types import Field

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


def view_fields(catalog: Catalog, query: str, *, project: str, location: str) -> tuple[Field, ...]:
    """The columns that a view would have; its query is checked, and not run.

    Args:
        catalog: The catalog.
        query: The view's query.
        project: Of names without one.
        location: Of the view's dataset.

    Raises:
        ApiError: The query is not one, or reads what is not there.
    """
    from harness.bigquery.queries import result_fields  # noqa: PLC0415

    session = _session(catalog, query, project=project, location=location, depth=1)
    with catalog.reading():
        return result_fields(session, session.sql(session.tree))


def view_source(session: Session, view: Table) -> str:
    """What stands for a view in FROM.

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
    sql = inner.sql(inner.tree)
    session.beneath.append(inner)
    return f"({sql})"


def refuse_view(table: Table) -> None:
    """Refuse what is done to rows where there are none.

    Raises:
        ApiError: It is a view.
    """
    if table.view is not None:
        raise ApiError(
            "invalid",
            f"{table.ref} is not allowed for this operation because it is currently a VIEW.",
        )


def _session(catalog: Catalog, query: str, *, project: str, location: str, depth: int) -> Session:
    from sqlglot import exp  # noqa: PLC0415

    from harness.bigquery.sql.parse import parse  # noqa: PLC0415
    from harness.bigquery.statement import Session, Statement  # noqa: PLC0415

    tree = parse(query)
    if not isinstance(tree, exp.Query):
        raise ApiError("invalidQuery", "The query of a view must be a SELECT statement")
    statement = Statement(text=query, project=project, location=location)
    return Session(catalog=catalog, statement=statement, tree=tree, depth=depth)
