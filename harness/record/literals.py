"""Many texts looked for in a large body at once.

Python's ``re`` tries one alternative after the other at each byte; RE2, which Arrow brings, goes
through a body once, however many there are.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGE = 1 << 16
"""From so many bytes on, going through once is worth making a pattern for."""

# A pattern of RE2 has a limit of memory, and falls back to a slow way beyond it.
_AT_ONCE = 400


class Literals:
    """Some texts.

    Args:
        values: The texts; where one holds another, it must come first.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._values = [value.encode("utf-8", "surrogateescape") for value in values]

    def first(self, content: bytes) -> tuple[int, bytes] | None:
        """Where one of them stands, and which it is; None where none does.

        Args:
            content: A body.
        """
        if len(content) >= LARGE and not any(matches(content, one) for one in self._patterns):
            return None
        for value in self._values:
            place = content.find(value)
            if place >= 0:
                return place, value
        return None

    def replaced(self, content: bytes, by: bytes) -> bytes:
        """A body with each of them replaced.

        Args:
            content: The body.
            by: What stands in their place.
        """
        if len(content) >= LARGE:
            for pattern in self._patterns:
                if matches(content, pattern):
                    content = _substituted(content, pattern, by)
            return content
        for value in self._values:
            content = content.replace(value, by)
        return content

    def behind(self, pattern: str) -> list[str]:
        """Patterns of RE2 for each of them that stands behind something.

        Args:
            pattern: What it stands behind, as a pattern of RE2.
        """
        return [f"(?:{pattern})(?:{values})" for values in self._patterns]

    @cached_property
    def _patterns(self) -> list[str]:
        quoted = list(map(_quoted, self._values))
        starts = range(0, len(quoted), _AT_ONCE)
        return ["|".join(quoted[start : start + _AT_ONCE]) for start in starts]


def matches(content: bytes, pattern: str) -> bool:
    """Whether a pattern of RE2 is found in a body; bytes count as characters.

    Args:
        content: The body.
        pattern: The pattern.

    Raises:
        ArrowInvalid: RE2 cannot read the pattern.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    body = pa.array([content], pa.large_binary())
    found: bool = pc.match_substring_regex(body, pattern)[0].as_py()
    return found


def _substituted(content: bytes, pattern: str, by: bytes) -> bytes:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    body = pa.array([content], pa.large_binary())
    left: bytes = pc.replace_substring_regex(body, pattern, by.decode())[0].as_py()
    return left


def _quoted(value: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in value)
