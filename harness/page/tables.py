"""A block's outputs: schema, statistics and first rows, made by DuckDB from the files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb

from harness.errors import InputError
from harness.page import limits
from harness.page.facts import ColumnFacts, Output
from harness.plain import counted
from harness.running.outputs import output_files, output_names, read_output, read_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.page.clean import Cleaner

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_READ = limits.CELL + limits.FURTHER
"""Characters of a cell that leave DuckDB."""


def outputs_of(
    variables: Path, block: str, *, engine: duckdb.DuckDBPyConnection, clean: Cleaner
) -> tuple[Output, ...]:
    """What a block handed on, as it lies on disk.

    Args:
        variables: The pipeline's ``.variables`` folder.
        block: The block's uuid.
        engine: What counts.
        clean: Makes text fit.
    """
    names = [name for name in output_names(variables, block) if _number(name) is not None]
    found = sorted(names, key=lambda name: _number(name) or 0)
    return tuple(
        _output(variables, block, name, engine=engine, clean=clean)
        for name in found[: limits.OUTPUTS]
    )


def _number(name: str) -> int | None:
    kind, _, number = name.partition("_")
    return int(number) if kind == "output" and number.isdecimal() else None


def _output(
    variables: Path, block: str, name: str, *, engine: duckdb.DuckDBPyConnection, clean: Cleaner
) -> Output:
    number = _number(name) or 0
    try:
        files = [str(file) for file in output_files(variables, block, number)]
        relation = (
            engine.read_parquet(files, union_by_name=True)
            if files
            else engine.from_arrow(read_output(variables, block, number))
        )
        return _table(relation, name, clean)
    except InputError:
        return _value(variables, block, name, clean)
    except (duckdb.Error, OSError, ValueError) as error:
        return Output(name=name, note=clean.line(f"it cannot be read: {error}", most=limits.TEXT))


def _table(relation: duckdb.DuckDBPyRelation, name: str, clean: Cleaner) -> Output:
    count = relation.aggregate("count(*)").fetchall()[0][0]
    names, types = relation.columns, [str(one) for one in relation.types]
    shown = names[: limits.SHOWN_COLUMNS]
    head = relation.limit(limits.ROWS).project(", ".join(map(_cell, shown))).fetchall()
    cells = clean.cells([cell for row in head for cell in row], most=limits.CELL)
    width = len(shown)
    return Output(
        name=name,
        rows=count,
        columns=tuple(_columns(relation, names, types, clean)),
        shown=tuple(one or "" for one in clean.cells(shown, most=limits.CELL)),
        head=tuple(tuple(cells[at : at + width]) for at in range(0, len(cells), width)),
        note="; ".join(_notes(count, len(names))),
    )


def _notes(rows: int, columns: int) -> Iterator[str]:
    if rows > limits.COUNTED_ROWS:
        yield f"statistics are those of the first {counted(limits.COUNTED_ROWS, 'row')}"
    if columns > limits.SHOWN_COLUMNS:
        yield f"rows are shown with {limits.SHOWN_COLUMNS} of {counted(columns, 'column')}"
    if columns > limits.COLUMNS:
        yield f"statistics with {limits.COLUMNS}"


def _columns(
    relation: duckdb.DuckDBPyRelation, names: Sequence[str], types: Sequence[str], clean: Cleaner
) -> Iterator[ColumnFacts]:
    told = list(zip(names, types, strict=True))[: limits.COLUMNS]
    if not told:
        return
    asked = [part for name, kind in told for part in _statistics(name, kind)]
    first = relation.limit(limits.COUNTED_ROWS)
    (found,) = first.aggregate(f"count(*), {', '.join(asked)}").fetchall()
    total, *facts = found
    each = [facts[at : at + 5] for at in range(0, len(facts), 5)]
    texts = [
        text
        for (name, kind), (_, _, *told_of_it) in zip(told, each, strict=True)
        for text in (name, kind, *told_of_it)
    ]
    shown = [text or "" for text in clean.cells(texts, most=limits.CELL)]
    for at, (filled, distinct, *_) in enumerate(each):
        name, kind, low, high, mean = shown[5 * at : 5 * at + 5]
        yield ColumnFacts(
            name=name,
            type=kind,
            nulls=total - filled,
            distinct=min(distinct, filled),
            low=low,
            high=high,
            mean=mean,
        )


def _statistics(name: str, kind: str) -> Iterator[str]:
    column = _quoted(name)
    yield f"count({column})"
    yield f"approx_count_distinct({column})"
    yield _text(f"min({column})")
    yield _text(f"max({column})")
    yield f"format('{{:.6g}}', avg({column}))" if kind.startswith(_NUMBERS) else "NULL"


def _cell(name: str) -> str:
    return _text(_quoted(name))


def _text(expression: str) -> str:
    return f"left(CAST({expression} AS VARCHAR), {_READ})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _value(variables: Path, block: str, name: str, clean: Cleaner) -> Output:
    """An output that is no table: as text, or why there is none."""
    try:
        value = read_value(variables, block, _number(name) or 0)
    except (InputError, ValueError, OSError):
        return Output(name=name, note="no table, and nothing that can be shown as text")
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    more = len(text) - limits.VALUE
    note = f"{counted(more, 'further character')}" if more > 0 else ""
    return Output(
        name=name,
        value=clean.text(text[: limits.VALUE + limits.FURTHER])[: limits.VALUE],
        note=note,
    )
