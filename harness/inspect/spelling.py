"""Values as they are written into texts."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.inspect.values import (
    MOST,
    Constant,
    Hole,
    Text,
    Thing,
    Value,
    alternatives,
    one_of,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 40


def as_texts(value: Value, node: ast.expr | None = None) -> list[Text]:
    """A value as it is written into a text, for each of its alternatives.

    Args:
        value: The value.
        node: The expression that it comes from, which names a hole.
    """
    found: list[Text] = []
    for one in alternatives(value):
        match one:
            case Text():
                found.append(one)
            case Constant(value=bytes() as raw):
                found.append(text(raw.decode("utf-8", "replace")))
            case Constant():
                found.append(text(str(one.value)))
            case Thing(hole=Hole() as hole):
                found.append(Text((hole,)))
            case _:
                found.append(Text((Hole(_named(one, node)),)))
    return list(dict.fromkeys(found))


def joined(parts: Iterable[Iterable[Text]]) -> Value:
    """The texts that several parts make, one behind the other, in all their alternatives."""
    made: list[tuple[str | Hole, ...]] = [()]
    for part in parts:
        choices = list(part)
        if len(made) * len(choices) > MOST:
            choices = [Text((Hole("..."),))]
        made = [(*before, *choice.parts) for before in made for choice in choices]
    return one_of(Text(_tight(parts_)) for parts_ in made)


def formatted(value: Text, spec: str) -> Text:
    """A text's holes with a format specification; a text without holes stays as it is."""
    if len(value.parts) == 1 and isinstance(value.parts[0], Hole):
        hole = value.parts[0]
        return Text((replace(hole, spec=spec),))
    return value


def _tight(parts: Iterable[str | Hole]) -> tuple[str | Hole, ...]:
    out: list[str | Hole] = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "":
            out.append(part)
    return tuple(out) or ("",)


def _named(value: Value, node: ast.expr | None) -> str:
    if node is None:
        return (value.name if isinstance(value, Thing) else "") or "..."
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        written = ast.unparse(node)
        return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 3]}..."
    return "..."
