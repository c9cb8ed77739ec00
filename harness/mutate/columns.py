"""The columns that frames of a pipeline have, to find one that may be taken for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Columns:
    """Frames that a block reads and writes, each as the types of its columns by name."""

    frames: tuple[Mapping[str, str], ...] = ()

    def other(self, name: str, *, identifier: bool = False) -> str | None:
        """Another column of the same frame and type: the next one; None where there is none.

        Args:
            name: What may be a column.
            identifier: Whether the other one must be a Python name.
        """
        for frame in self.frames:
            if name not in frame:
                continue
            same = [one for one, kind in frame.items() if kind == frame[name]]
            at = same.index(name)
            for one in (*same[at + 1 :], *same[:at]):
                if not identifier or one.isidentifier():
                    return one
        return None
