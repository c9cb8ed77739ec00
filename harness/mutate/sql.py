"""The mutants of SQL: changes of words in place, so that its layout and Jinja's marks stay."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import parse
from sqlglot.errors import SqlglotError

from harness.mutate.change import mutant
from harness.mutate.sqlwords import read_words
from harness.mutate.sqlwork import changes_of_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.mutate.change import Change, Mutant
    from harness.mutate.columns import Columns

# What it only keeps as text is told by a warning, which would be one for each change.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LITERAL = re.compile(r"(\"\"\"|'''|\"|')(.*)\1", re.DOTALL)
_STATEMENT = re.compile(r"\s*(with|select|insert|update|delete|merge|create)\s", re.IGNORECASE)
_DIALECTS = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "mssql": "tsql",
    "mysql": "mysql",
    "postgres": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "spark": "spark",
    "trino": "trino",
}


def mutants_of_sql(
    text: str, *, file: Path, block: str, provider: str, columns: Columns
) -> list[Mutant]:
    """Each small change of a SQL block that is still SQL, in the order of its lines.

    Args:
        text: The block's text, a template of Jinja.
        file: The file, relative to the project.
        block: The block.
        provider: ``data_provider`` of its configuration.
        columns: The columns that its tables may have.
    """
    changes = _changes(text, dialect=_DIALECTS.get(provider, ""), columns=columns)
    found: dict[str, Mutant] = {}
    for change in changes:
        lost = text.count("\n", change.start, change.end) - change.new.count("\n")
        padding = "\n" * max(lost, 0)
        after = text[: change.start] + change.new + padding + text[change.end :]
        one = mutant(change, file=file, block=block, text=text, after=after)
        found.setdefault(one.after, one)
    return sorted(found.values(), key=lambda one: one.line)


def changes_of_literal(literal: str, *, start: int, columns: Columns) -> Iterator[Change]:
    """Changes of a text of a Python file that is a statement of SQL.

    Args:
        literal: The text as it is written, with its quotes.
        start: Where it starts in the file.
        columns: The columns that its tables may have.
    """
    found = _LITERAL.fullmatch(literal)
    if found is None or "\\" in literal or found[1] in found[2] or not _STATEMENT.match(found[2]):
        return
    at = start + len(found[1])
    for change in _changes(found[2], dialect="", columns=columns):
        if found[1][0] not in change.new:
            yield replace(change, start=at + change.start, end=at + change.end)


def _changes(text: str, *, dialect: str, columns: Columns) -> Iterator[Change]:
    plain = _JINJA.sub(_stand_in, text)
    try:
        words = read_words(plain, dialect=dialect)
    except SqlglotError:
        return
    for change in changes_of_words(words, columns):
        changed = plain[: change.start] + change.new + plain[change.end :]
        # What Jinja decides is not taken away by halves.
        if "{%" not in text[change.start : change.end] and _is_sql(changed, dialect):
            yield change


def _stand_in(found: re.Match[str]) -> str:
    """A name of the same length for what Jinja puts there, blanks for what it decides."""
    length = len(found[0])
    return "j" * length if found[0].startswith("{{") else " " * length


def _is_sql(text: str, dialect: str) -> bool:
    try:
        return any(parse(text, dialect=dialect or None))
    except SqlglotError:
        return False
