"""How many bytes a statement reads: the columns that it looks at, in the partitions it looks into.

"Query size calculation" and "DML statements that modify partitioned tables" of the reference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.partitions.pruning import bound, conditions_of, filter_of, mentioned
from harness.bigquery.sizes import bytes_read
from harness.bigquery.statements.reads import EVERYTHING, Need, Read, reads_of, target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.bigquery.entries import Table, TableRef
    from harness.bigquery.statements.statement import Session
    from harness.bigquery.types import Field


def bytes_processed(session: Session, changed: Table | None = None) -> int:
    """Bytes that a statement reads of tables and files.

    Args:
        session: The statement, which has been translated already.
        changed: The table whose rows it changes, as it is before.
    """
    return sum(_of_files(session).values()) + _processed(
        session, EVERYTHING, (), [changed] if changed else []
    )


def _of_files(session: Session) -> dict[str, int]:
    """The bytes of the files that a statement reads, itself or through views, by table."""
    files = {name: size for name, (_, size) in session.external.items()}
    for one in session.beneath:
        files |= _of_files(one)
    return files


def _processed(
    session: Session, need: Need, above: tuple[exp.Expr, ...], changed: Sequence[Table] = ()
) -> int:
    """Bytes of a statement or of a view's query.

    Args:
        session: The statement.
        need: What is wanted of the columns of its answer.
        above: The conditions that are put on a view from outside.
        changed: The tables whose rows it changes.
    """
    left = {table.ref: table for table in (*session.read, *changed)}
    views = {one.statement.text: one for one in session.beneath}
    tree = bound(session)
    total = 0
    counted = set()
    for read in [*reads_of(tree, need), *_changed(tree)]:
        table = _table_of(session, read, left)
        if table is None:
            continue
        counted.add(table.ref)
        if table.view is None:
            total += _of_table(session, table, read, above)
        elif table.view in views:
            wanted = EVERYTHING if table.renamed or _whole(read) else read.need
            total += _processed(views[table.view], wanted, (*_around(read), *above))
    # What has no name of its own in the statement, such as the tables of a wildcard.
    return total + sum(
        bytes_read(
            session.catalog.database, table, columns=None if session.star else session.columns
        )
        for table in session.read
        if table.ref not in counted and table.view is None
    )


def _of_table(session: Session, table: Table, read: Read, above: tuple[exp.Expr, ...]) -> int:
    fields = _wanted(table.fields, read.need, alias=read.mention.alias_or_name)
    if not fields:
        return 0
    partitions = None
    if table.partitioning is not None:
        found = filter_of(session, table, read.mention)
        found = replace(found, conditions=(*found.conditions, *above))
        if found.usable():
            partitions = found.read(session.catalog.database)
    return bytes_read(session.catalog.database, table, fields=fields, partitions=partitions)


def _changed(tree: exp.Expr) -> list[Read]:
    """The table whose rows a statement changes or removes, which is read whole."""
    whens = tree.args.get("whens")
    merges = whens is not None and any(
        not isinstance(one.args.get("then"), exp.Insert) for one in whens.expressions
    )
    if isinstance(tree, exp.Update | exp.Delete) or merges:
        named = target(tree)
        if isinstance(named, exp.Table):
            return [Read(mention=named, need=EVERYTHING)]
    return []


def _table_of(session: Session, read: Read, known: dict[TableRef, Table]) -> Table | None:
    return known.get(ref) if (ref := mentioned(session, read.mention)) else None


def _whole(read: Read) -> bool:
    return (read.mention.alias_or_name.lower(),) in read.need.paths


def _around(read: Read) -> tuple[exp.Expr, ...]:
    """The conditions on a view, as its own query would name the columns."""
    own = read.mention.alias_or_name.lower()
    found = []
    for condition in conditions_of(read.mention):
        copied = condition.copy()
        for column in copied.find_all(exp.Column):
            if column.table.lower() == own:
                column.set("table", None)
        found.append(copied)
    return tuple(found)


def _wanted(fields: Iterable[Field], need: Need, *, alias: str) -> tuple[Field, ...]:
    """The columns that are wanted; of a STRUCT the fields that are."""
    listed = list(fields)
    # A column goes before a table of the same name.
    own = "" if any(one.name.lower() == alias.lower() for one in listed) else alias
    kept = []
    for one in listed:
        paths = need.fields_of(one.name, alias=own)
        if paths is None:
            kept.append(one)
        elif paths:
            kept.append(replace(one, fields=_parts(one.fields, paths)) if one.fields else one)
    return tuple(kept)


def _parts(fields: Iterable[Field], paths: frozenset[tuple[str, ...]]) -> tuple[Field, ...]:
    kept = []
    for one in fields:
        rests = {path[1:] for path in paths if path and path[0] == one.name.lower()}
        if () in rests or (rests and not one.fields):
            kept.append(one)
        elif rests:
            kept.append(replace(one, fields=_parts(one.fields, frozenset(rests))))
    return tuple(kept)
