"""What is wrong in a contract's file, each mistake with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from harness.contracts import model
from harness.contracts.model import Contract
from harness.contracts.store import shown
from harness.errors import InputError
from harness.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

Way = tuple[str | int, ...]
"""Keys and indexes that lead to a part of a contract."""

_MOST_ERRORS = 20


def explained(errors: Sequence[ErrorDetails], tree: CommentedMap, file: Path) -> InputError:
    """All mistakes at once; of the forms that a value may have, one line tells.

    Args:
        errors: What the model found.
        tree: The contract as ruamel.yaml keeps it.
        file: Where it is.
    """
    found: dict[tuple[int, str], list[str]] = {}
    for error in errors:
        way, names = _way(tree, error["loc"])
        place = " ".join(str(part) for part in way) or "the file"
        if error["type"] == "extra_forbidden":
            near = meant(str(way[-1]), names)
            reason = "no contract says this" + (f"; did you mean {near}?" if near else "")
        elif error["type"] == "missing" and isinstance(error["loc"][-1], str):
            reason = f"{error['loc'][-1]} is missing"
        else:
            reason = error["msg"].removeprefix("Value error, ")
        found.setdefault((line_of(tree, way), place), []).append(reason)
    lines = [
        f"{shown(file)}:{line}: {place}: {' or '.join(dict.fromkeys(reasons))}"
        for (line, place), reasons in sorted(found.items())
    ]
    first, *others = lines
    return InputError(
        first,
        evidence=[*others[:_MOST_ERRORS], *_more(len(others))],
        remedy="correct it; docs/contracts.md says what a contract can say",
    )


def _more(number: int) -> list[str]:
    return [f"and {number - _MOST_ERRORS} more"] if number > _MOST_ERRORS else []


def _way(tree: Any, place: Iterable[str | int]) -> tuple[Way, list[str]]:
    """Pydantic's place of an error as a way in the tree, and the names that are known there.

    The place also names the form of a value that was tried, which is not in the tree.
    """
    way: list[str | int] = []
    node = tree
    for step in place:
        known = isinstance(node, dict) and step in node
        listed = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if known or listed:
            way.append(step)
            node = node[step]
    return tuple(way), _names(way[:-1])


def _names(way: Sequence[str | int]) -> list[str]:
    """The names that are known within a part, by its depth: the model is no deeper than it."""
    part: type[BaseModel] = Contract
    if len(way) > 1:
        part = model.SinkRule
    if len(way) > 2:  # noqa: PLR2004 - service, sink, part
        parts: dict[str | int, type[BaseModel]] = {
            "key": model.KeyRule,
            "partitions": model.PartitionsRule,
            "columns": model.ColumnRule,
            "rows": model.Limits,
        }
        part = parts.get(way[2], model.Limits)
    if (len(way) > 4 and way[2] == "columns") or (len(way) > 3 and way[2] == "partitions"):  # noqa: PLR2004
        return [*model.Limits.model_fields, *model.Share.model_fields]
    return list(part.model_fields)


def line_of(tree: Any, way: Sequence[Any]) -> int:
    """The line of a part, counted from 1; of the nearest part around it where it is not there.

    Args:
        tree: A contract as ruamel.yaml keeps it, or a part of it.
        way: Keys and indexes that lead to the part.
    """
    line = 1
    node = tree
    for step in way:
        try:
            if isinstance(node, CommentedMap):
                line = node.lc.key(step)[0] + 1
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(step)[0] + 1
            node = node[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line
