"""What changed between two texts of a block's code, as lines beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING

from harness.page import limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.page.kept import KeptBlock

_AROUND = 3
"""Lines before and behind a change."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """A line on one side; without a number where the other side alone has one.

    Attributes:
        number: The line's number in its file, or None.
        text: The line.
        kind: ``same``, ``changed`` or ``gap``.
    """

    number: int | None = None
    text: str = ""
    kind: str = "gap"


@dataclass(frozen=True, kw_only=True)
class Hunk:
    """Lines around a change: as many on one side as on the other."""

    then: tuple[Side, ...]
    now: tuple[Side, ...]


def hunks(then: KeptBlock, now: KeptBlock) -> tuple[Hunk, ...]:
    """What changed in a block's code; nothing where one of both is not known.

    Args:
        then: The block of the earlier run.
        now: The block of the later one.
    """
    if then.lines is None or now.lines is None or then.lines == now.lines:
        return ()
    if len(then.lines) == len(now.lines) == limits.CODE_LINES and then.first != now.first:
        # Of a long file, two other parts.
        return ()
    matcher = SequenceMatcher(None, then.lines, now.lines, autojunk=False)
    return tuple(
        Hunk(
            then=tuple(_side(then, one, kind) for one, _, kind in pairs),
            now=tuple(_side(now, one, kind) for _, one, kind in pairs),
        )
        for group in matcher.get_grouped_opcodes(_AROUND)
        for pairs in [list(_pairs(group))]
    )


def _pairs(
    group: Sequence[tuple[str, int, int, int, int]],
) -> Iterator[tuple[int | None, int | None, str]]:
    for word, start, end, other_start, other_end in group:
        kind = "same" if word == "equal" else "changed"
        for one, other in zip_longest(range(start, end), range(other_start, other_end)):
            yield one, other, kind


def _side(block: KeptBlock, at: int | None, kind: str) -> Side:
    if at is None or block.lines is None:
        return Side()
    return Side(number=block.first + at, text=block.lines[at][: limits.TEXT], kind=kind)
