"""What a pipeline's run depends on: each part by name, with a digest of its content."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.selection.digest import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The inputs of a run.

    Attributes:
        parts: Digests in hexadecimal, by what they are of: a file's path relative to the project,
            a file of the fixtures, ``setting env``, ...
    """

    parts: Mapping[str, str]

    @property
    def key(self) -> str:
        """The same exactly where all parts are."""
        return digest_of(json.dumps(sorted(self.parts.items())))

    def since(self, before: Inputs) -> tuple[str, ...]:
        """What is not as it was, in lines such as ``utils/x.py changed``; sorted.

        Args:
            before: The inputs as they were.
        """
        lines = []
        for name in sorted({*self.parts, *before.parts}):
            now, then = self.parts.get(name), before.parts.get(name)
            if now != then:
                what = "is new" if then is None else "is gone" if now is None else "changed"
                lines.append(f"{name} {what}")
        return tuple(lines)
