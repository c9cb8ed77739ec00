"""CREATE, ALTER and DROP SCHEMA. Source: their sections of the reference's page on DDL."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.ddl.options import options_of, with_dataset_options
from harness.bigquery.entries import Dataset, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.places import at
from harness.bigquery.sql.translate import name_parts
from harness.bigquery.statements.statement import Outcome

if TYPE_CHECKING:
    from harness.bigquery.statements.statement import Session


_ID = re.compile(r"[A-Za-z0-9_]{1,1024}")


def create_schema(session: Session, tree: exp.Create) -> Outcome:
    """Do CREATE SCHEMA.

    Raises:
        ApiError: It is there already, or an option is not one of the stub's.
    """
    project, name = _named(session, tree.this)
    if not _ID.fullmatch(name):
        raise ApiError(
            "invalid",
            f'Invalid dataset ID "{name}". Dataset IDs must be alphanumeric (plus underscores) and '
            "must be at most 1024 characters long.",
        )
    if tree.args.get("replace"):
        raise ApiError("invalidQuery", f"CREATE OR REPLACE SCHEMA is not supported{at(tree)}")
    options = options_of(session, tree.args.get("properties"))
    location = options.get("location") or session.statement.location
    try:
        session.catalog.add_dataset(
            Dataset(
                project=project,
                name=name,
                location=str(location or session.catalog.location),
                kept=with_dataset_options({}, options),
                created=now_ms(),
                modified=now_ms(),
            )
        )
    except ApiError as error:
        if error.reason == "duplicate" and tree.args.get("exists"):
            return Outcome(type="CREATE_SCHEMA", ddl="SKIP")
        raise
    return Outcome(type="CREATE_SCHEMA", ddl="CREATE")


def alter_schema(session: Session, tree: exp.Alter) -> Outcome:
    """Do ALTER SCHEMA SET OPTIONS.

    Raises:
        ApiError: It is not there, or an option is not one of the stub's.
    """
    project, name = _named(session, tree.this)
    try:
        dataset = session.catalog.dataset(project, name)
    except ApiError:
        if tree.args.get("exists"):
            return Outcome(type="ALTER_SCHEMA", ddl="SKIP")
        raise
    kept = dataset.kept
    for action in tree.args["actions"]:
        if not isinstance(action, exp.AlterSet):
            raise UnsupportedError(f"ALTER SCHEMA with {type(action).__name__}{at(action)}")
        options = options_of(session, action.expressions[0])
        if "location" in options:
            raise ApiError("invalidQuery", f"Cannot alter the location of a schema{at(action)}")
        kept = with_dataset_options(kept, options)
    session.catalog.put_dataset(replace(dataset, kept=kept))
    return Outcome(type="ALTER_SCHEMA", ddl="ALTER")


def drop_schema(session: Session, tree: exp.Drop) -> Outcome:
    """Do DROP SCHEMA.

    Raises:
        ApiError: It is not there, or holds tables and the statement does not say CASCADE.
    """
    project, name = _named(session, (tree.args.get("tables") or [tree.this])[0])
    try:
        session.catalog.remove_dataset(project, name, with_tables=bool(tree.args.get("cascade")))
    except ApiError as error:
        if error.reason == "notFound" and tree.args.get("exists"):
            return Outcome(type="DROP_SCHEMA", ddl="SKIP")
        raise
    return Outcome(type="DROP_SCHEMA", ddl="DROP")


def _named(session: Session, node: exp.Table) -> tuple[str, str]:
    parts = [one for one in name_parts(node) if one]
    if max(len(parts), node.meta.get("parts", 1)) > 2:  # noqa: PLR2004
        written = node.meta.get("written") or ".".join(parts)
        raise ApiError("invalid", f"Invalid schema name: {written}{at(node)}")
    return (parts[-2] if len(parts) > 1 else session.statement.home), parts[-1]
