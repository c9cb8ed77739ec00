"""CREATE VIEW and CREATE MATERIALIZED VIEW. A materialized view is computed when it is read.

Source: "CREATE VIEW statement", "CREATE MATERIALIZED VIEW statement" of the reference. The default
dataset of the job serves the check of the view's query, and is not kept with the view: a name
without a dataset makes a view that cannot be read ("Limitations" of "Introduction to logical
views"; github.com/googleapis/python-bigquery/issues/841).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.ddl.options import options_of, with_table_options
from harness.bigquery.entries import Table, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partitions.layout import layout_of
from harness.bigquery.sql.places import at
from harness.bigquery.sql.translate import anonymous_columns, name_parts
from harness.bigquery.statements.queries import doubled_names
from harness.bigquery.statements.statement import Outcome
from harness.bigquery.statements.views import view_fields, view_tables
from harness.bigquery.table_kinds import check_kind
from harness.bigquery.types import checked

if TYPE_CHECKING:
    from harness.bigquery.statements.statement import Session
    from harness.bigquery.types import Field


def create_view(session: Session, tree: exp.Create) -> Outcome:
    """Do CREATE VIEW; the catalog's lock is held.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does; nothing has changed then.
    """
    schema = tree.this if isinstance(tree.this, exp.Schema) else None
    properties = tree.args.get("properties")
    materialized = bool(properties and properties.find(exp.MaterializedProperty))
    kind = "CREATE_MATERIALIZED_VIEW" if materialized else "CREATE_VIEW"
    ref = session.ref(name_parts(schema.this if schema else tree.this))
    dataset = session.catalog.dataset(ref.project, ref.dataset, location=session.location)
    old = session.catalog.find_table(ref)
    if old is not None and tree.args.get("exists"):
        return Outcome(type=kind, target=ref, ddl="SKIP")
    if old is not None:
        if not tree.args.get("replace"):
            raise ApiError("duplicate", f"Already Exists: Table {ref}")
        check_kind(old, "MATERIALIZED_VIEW" if materialized else "VIEW")
    query = _query_text(session, tree)
    fields = view_fields(
        session.catalog,
        query,
        project=session.statement.home,
        location=dataset.location,
        dataset=session.statement.dataset,
    )
    if schema is None and (doubled := doubled_names(fields)):
        raise ApiError(
            "invalidQuery",
            f"CREATE VIEW has columns with duplicate name {doubled[0]}",
            location="query",
        )
    nameless = anonymous_columns(tree.expression)
    if nameless and schema is None:
        raise ApiError(
            "invalidQuery",
            f"CREATE VIEW columns must be named, but column {nameless[0]} has no name",
        )
    fields = checked(_named(session, schema, fields) if schema else fields)
    moment = now_ms()
    view = Table(
        ref=ref,
        fields=fields,
        rows_in="",
        view=query,
        renamed=schema is not None,
        created=moment,
        modified=moment,
    )
    if materialized:
        layout = layout_of(tree)
        told = {"query": query, "enableRefresh": True, "refreshIntervalMs": "1800000"}
        view = replace(
            view,
            partitioning=layout.partitioning,
            clustering=layout.clustering,
            kept={"materializedView": told},
        )
    elif properties is not None and properties.find(exp.PartitionedByProperty, exp.ClusterProperty):
        raise ApiError("invalidQuery", f"Syntax error: a view has no partitions{at(properties)}")
    view = with_table_options(view, options_of(session, properties))
    session.catalog.put_table(view)
    return Outcome(
        type=kind,
        target=ref,
        tables=view_tables(
            session.catalog,
            query,
            project=session.statement.home,
            location=dataset.location,
            dataset=session.statement.dataset,
        ),
        ddl="REPLACE" if old is not None else "CREATE",
    )


def _query_text(session: Session, tree: exp.Create) -> str:
    """The view's query as the client wrote it."""
    if not isinstance(tree.expression, exp.Query):
        raise ApiError("invalidQuery", f"Syntax error: a view needs a query{at(tree)}")
    if session.statement.parameters:
        # A view is read without them.
        for node in tree.find_all(exp.Parameter, exp.Placeholder):
            raise ApiError("invalidQuery", f"Query parameters cannot be used in views{at(node)}")
    if session.script is not None:
        names = {one.name.lower() for one in tree.expression.find_all(exp.Column)}
        for name in names & set(session.script.variables):
            raise UnsupportedError(f"a view that reads the variable {name}")
    return str(tree.meta["body"])


def _named(session: Session, schema: exp.Schema, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    if len(schema.expressions) != len(fields):
        raise ApiError(
            "invalidQuery",
            f"View column list has {len(schema.expressions)} columns, but the query has "
            f"{len(fields)}{at(schema)}",
        )
    named = []
    for one, field in zip(schema.expressions, fields, strict=True):
        options: dict[str, Any] = {}
        for constraint in one.args.get("constraints") or ():
            options |= options_of(session, constraint.args.get("kind"))
        if set(options) - {"description"}:
            raise UnsupportedError(f"column options {', '.join(sorted(options))}{at(one)}")
        named.append(replace(field, name=one.name, description=options.get("description")))
    return tuple(named)
