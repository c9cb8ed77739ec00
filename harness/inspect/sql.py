"""The tables of a SQL text, whose holes and Jinja are names that are not known."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.inspect.values import Hole, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.model import Access

# What it only keeps as text is told by a warning, in the midst of what a command prints.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())

_MARK = "hole_{}_eloh"
_MARKS = re.compile(r"hole_(\d+)_eloh", re.IGNORECASE)
_DIALECTS = {
    "postgres": "postgres",
    "bigquery": "bigquery",
    "mysql": "mysql",
    "duckdb": "duckdb",
    "snowflake": "snowflake",
    "redshift": "redshift",
    "clickhouse": "clickhouse",
    "mssql": "tsql",
    "trino": "trino",
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s")
_JINJA = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_SPOKEN = re.compile(
    r"""(env_var|variables|mage_secret_var|var)\(\s*['"](\w+)['"](?:\s*,\s*['"](.*?)['"])?.*\)"""
)
_WRITES = (
    exp.Alter,
    exp.Insert,
    exp.Create,
    exp.Merge,
    exp.Update,
    exp.Delete,
    exp.Drop,
    exp.TruncateTable,
)


def without_jinja(text: str) -> Text:
    """A template as a text: its expressions are holes, its statements and comments are gone.

    Args:
        text: The template.
    """
    plain = _JINJA.sub(" ", text)
    parts: list[str | Hole] = []
    at = 0
    for found in _EXPRESSION.finditer(plain):
        parts.append(plain[at : found.start()])
        parts.append(_hole(found[1]))
        at = found.end()
    parts.append(plain[at:])
    return Text(tuple(part for part in parts if part) or ("",))


def _hole(expression: str) -> Hole:
    spoken = _SPOKEN.fullmatch(expression)
    if spoken is None:
        return Hole(" ".join(expression.split()))
    function, name, default = spoken.groups()
    return Hole(
        name,
        environment=name if function == "env_var" else "",
        variable=name if function == "variables" else "",
        default=default,
    )


def tables(query: Text, dialect: str) -> list[tuple[Access, Text]] | None:
    """The tables that a query reads and writes, in order; None where it cannot be read.

    Args:
        query: The query.
        dialect: The database's name, such as ``postgres``.
    """
    holes: list[Hole] = []
    written = ""
    for part in query.parts:
        if isinstance(part, Hole):
            written += _MARK.format(len(holes))
            holes.append(part)
        else:
            written += _PLACEHOLDER.sub("NULL", part)
    try:
        statements = sqlglot.parse(written, read=_DIALECTS.get(dialect))
    except (SqlglotError, RecursionError, ValueError):
        return None
    found = [
        (access, _named(table, holes))
        for statement in statements
        if statement is not None
        for access, table in _of(statement)
    ]
    return list(dict.fromkeys(found))


def _of(statement: exp.Expr) -> Iterator[tuple[Access, exp.Table]]:
    targets: list[exp.Table] = []
    for node in statement.find_all(*_WRITES):
        targets += _targets(node)
    for target in targets:
        yield "writes", target
    if isinstance(statement, exp.Copy):
        for table in statement.find_all(exp.Table):
            yield "reads" if statement.args.get("kind") is False else "writes", table
        return
    known = {cte.alias_or_name.lower() for cte in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        made = not table.db and table.name.lower() in known
        if not made and table.name and not any(table is target for target in targets):
            yield "reads", table


def _targets(node: exp.Expr) -> list[exp.Table]:
    if isinstance(node, exp.TruncateTable):
        return [one for one in node.expressions if isinstance(one, exp.Table)]
    if isinstance(node, exp.Create | exp.Drop) and node.kind not in ("TABLE", "VIEW", None):
        return []
    if isinstance(node, exp.Drop):
        return list(node.find_all(exp.Table))
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    return [target] if isinstance(target, exp.Table) else []


def _named(table: exp.Table, holes: list[Hole]) -> Text:
    name = ".".join(part.name for part in table.parts)
    pieces = _MARKS.split(name)
    return Text(
        tuple(
            holes[int(piece)] if number % 2 else piece
            for number, piece in enumerate(pieces)
            if piece
        )
        or ("",)
    )
