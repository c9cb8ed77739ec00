"""Checks on names, types and order of columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from functools import partial as partial_call
from typing import TYPE_CHECKING

from harness.errors import HarnessError, InputError
from harness.expect.explain import explained_type
from harness.expect.finding import Finding
from harness.expect.sample import aligned, listed
from harness.expect.types import agrees, is_known, known_names, spelled
from harness.nearest import meant, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from harness.expect.subject import Subject
    from harness.expect.types import ExpectedType
    from harness.services.protocol import Column

_MOST = 15


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One column that is not as expected."""

    name: str
    expected: str
    found: str
    what: str
    note: str = ""
    why: str = ""


def has_column(subject: Subject, name: str) -> Finding | None:
    """Whether there is exactly one column of this name."""
    names = [column.name for column in subject.columns]
    number = names.count(name)
    if number == 1:
        return None
    if number > 1:
        return Finding(
            about=subject.label,
            difference=f"expected one column {name}, found {number}",
            lines=tuple(listed("columns", names)),
        )
    lines = []
    near = nearest(name, names)
    if near:
        lines.append(f"nearest: {', '.join(near)}")
    lines += listed("columns", names, most=40)
    return Finding(
        about=subject.label,
        difference=f"expected a column {name}, found none of this name",
        lines=tuple(lines),
    )


def columns(
    subject: Subject,
    expected: Mapping[str, ExpectedType],
    *,
    order: bool,
    partial: bool,
    nullable: Mapping[str, bool],
) -> Finding | None:
    """Whether the columns have the expected names and types, and come in the expected order."""
    if not expected:
        raise InputError(
            "schema() needs at least one column",
            remedy='write .schema({"name": "type"})',
        )
    found = {column.name: column for column in subject.columns}
    rows = [
        *_missing(expected, found),
        *_other_type(subject, expected, found),
        *(() if partial else _extra(subject, expected)),
        *_other_nullability(subject, nullable, found),
    ]
    if rows:
        return _finding(subject, rows, partial=partial)
    names = [name for name in found if name in expected]
    if order and names != list(expected):
        return _other_order(subject, list(expected), names)
    return None


def _missing(expected: Mapping[str, ExpectedType], found: Mapping[str, Column]) -> list[_Row]:
    unclaimed = [name for name in found if name not in expected]
    rows = []
    for name, kind in expected.items():
        if name not in found:
            near = meant(name, unclaimed)
            hint = f"; nearest: {near} {found[near].type}" if near else ""
            rows.append(
                _Row(name=name, expected=spelled(kind), found="-", what="missing", note=hint)
            )
    return rows


def _extra(subject: Subject, expected: Mapping[str, ExpectedType]) -> list[_Row]:
    seen: Counter[str] = Counter()
    rows = []
    for column in subject.columns:
        seen[column.name] += 1
        if column.name not in expected or seen[column.name] > 1:
            rows.append(_Row(name=column.name, expected="-", found=column.type, what="extra"))
    return rows


def _other_type(
    subject: Subject, expected: Mapping[str, ExpectedType], found: Mapping[str, Column]
) -> list[_Row]:
    rows = []
    for name, kind in expected.items():
        column = found.get(name)
        if column is None or agrees(
            kind, column, service=subject.service, arrow=partial_call(_arrow, subject, name)
        ):
            continue
        note = ""
        if not is_known(kind, service=subject.service):
            near = meant(spelled(kind), known_names(subject.service))
            note = f"; no type of {subject.service} or Arrow"
            note += f", nearest: {near}" if near else ""
        rows.append(
            _Row(
                name=name,
                expected=spelled(kind),
                found=column.type,
                what="other type",
                note=note,
                why=_why(subject, name, kind, column),
            )
        )
    return rows


def _other_nullability(
    subject: Subject, nullable: Mapping[str, bool], found: Mapping[str, Column]
) -> list[_Row]:
    words = {True: "nullable", False: "not null"}
    for name in nullable:
        if name not in found:
            raise InputError(
                f"schema() names a nullable column {name} that {subject.label} does not have",
                evidence=listed("columns", list(found)),
            )
    return [
        _Row(name=name, expected=words[wanted], found=words[found[name].nullable], what="nulls")
        for name, wanted in nullable.items()
        if found[name].nullable != wanted
    ]


def _why(subject: Subject, name: str, expected: ExpectedType, found: Column) -> str:
    """What the values of a column of another type tell."""
    try:
        column = subject.table.column(name)
    except (HarnessError, KeyError):
        return ""
    return explained_type(spelled(expected), column, found=found.type)


def _arrow(subject: Subject, name: str) -> pa.DataType | None:
    fields = subject.table.schema.get_all_field_indices(name)
    return subject.table.schema.field(fields[0]).type if fields else None


def _finding(subject: Subject, rows: list[_Row], *, partial: bool) -> Finding:
    numbers = Counter(row.what for row in rows)
    words = {
        "missing": "missing",
        "extra": "extra",
        "other type": "of another type",
        "nulls": "with other nulls",
    }
    summary = ", ".join(
        f"{numbers[what]:,} {word}" for what, word in words.items() if numbers[what]
    )
    lines = aligned(
        ["column", "expected", "found", ""],
        [[row.name, row.expected, row.found, row.what] for row in rows[:_MOST]],
    )
    lines = [
        line + note for line, note in zip(lines, ("", *(row.note for row in rows)), strict=False)
    ]
    if len(rows) > _MOST:
        lines.append(f"... and {len(rows) - _MOST:,} more columns")
    only_extra = not partial and set(numbers) == {"extra"}
    return Finding(
        about=subject.label,
        difference=f"expected another schema: columns {summary}",
        cause="; ".join(f"{row.name}: {row.why}" for row in rows if row.why),
        lines=tuple(lines),
        facts={
            "check": "schema",
            "columns": [
                {
                    "name": row.name,
                    "what": row.what,
                    "expected": row.expected,
                    "found": row.found,
                    "why": row.why,
                }
                for row in rows
            ],
        },
        remedy="pass partial=True where other columns may be there" if only_extra else "",
    )


def _other_order(subject: Subject, expected: list[str], found: list[str]) -> Finding:
    at = next(at for at, pair in enumerate(zip(expected, found, strict=True)) if len({*pair}) > 1)
    lines = [f"first difference: column {at + 1} should be {expected[at]}, is {found[at]}"]
    for label, names in (("expected", expected), ("found", found)):
        text = f"{label + ':':10}{', '.join(names)}"
        lines += textwrap.wrap(text, 96, subsequent_indent=" " * 10, max_lines=6)
    return Finding(
        about=subject.label,
        difference="expected the columns in another order",
        lines=tuple(lines),
    )
