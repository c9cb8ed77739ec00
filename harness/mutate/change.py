"""One small change of a text, at its place."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CONTEXT = 1


@dataclass(frozen=True, kw_only=True)
class Change:
    """A piece of a text and what is to stand in its place.

    Attributes:
        start: Where the piece starts, in characters.
        end: Where it ends.
        new: What stands there instead.
        operator: The kind of change, one of ``OPERATORS``.
        what: The change in a few words.
    """

    start: int
    end: int
    new: str
    operator: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A file of the project with one change.

    Attributes:
        file: The file, relative to the project.
        block: The block whose code it is; empty for a module that blocks import.
        operator: The kind of change.
        what: The change in a few words.
        line: The line on which it starts.
        statement: The first and the last line of the statement that it is in; of one with a body,
            of its head.
        before: The file's text.
        after: The text with the change.
    """

    file: Path
    block: str
    operator: str
    what: str
    line: int
    statement: tuple[int, int]
    before: str
    after: str

    def diff(self, *, place: Path | None = None) -> list[str]:
        """The change as a unified diff with the file's own line numbers.

        Args:
            place: What the diff calls the file; its path within the project if not given.
        """
        name = place or self.file
        lines = difflib.unified_diff(
            self.before.splitlines(),
            self.after.splitlines(),
            fromfile=f"a/{name}",
            tofile=f"b/{name}",
            n=_CONTEXT,
            lineterm="",
        )
        return list(lines)


def mutant(
    change: Change,
    *,
    file: Path,
    block: str,
    text: str,
    after: str,
    statement: tuple[int, int] | None = None,
) -> Mutant:
    """A change in a file.

    Args:
        change: The change.
        file: The file, relative to the project.
        block: The block whose code it is; empty for a module.
        text: The file's text.
        after: The text with the change.
        statement: The lines of the statement; the whole file is one if not given.
    """
    return Mutant(
        file=file,
        block=block,
        operator=change.operator,
        what=change.what,
        line=text.count("\n", 0, change.start) + 1,
        statement=statement or (1, text.count("\n") + 1),
        before=text,
        after=after,
    )
