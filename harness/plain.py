"""Text for people: counts with their noun, and foreign text without control characters."""

from __future__ import annotations

import re

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links
    r"|\x1b[ -/]*[0-~]"
)


def visible(text: str, *, width: int | None = None) -> str:
    r"""Show a value as it is: each character that does not print becomes its escape.

    Args:
        text: The value; ``"a\n"`` becomes ``a\n`` written out, and a bell ``\x07``.
        width: Most characters to return; a longer text ends in ``...``.
    """
    if width is not None and len(text) > width:
        text = text[: width + 1]
    shown = text
    if not text.isprintable():
        shown = "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
            for letter in text
        )
    if width is not None and len(shown) > width:
        return shown[: width - 3] + "..."
    return shown


def readable(text: str) -> str:
    """Show a message on one line: terminal sequences go, what still does not print is escaped."""
    return visible(" ".join(_ESCAPE_SEQUENCE.sub("", text).split()))


def printable(text: str) -> str:
    r"""Show a text of several lines: terminal sequences go, what else does not print is escaped.

    Args:
        text: The text; its lines end in ``\n`` or ``\r\n``, and tabs stay.
    """
    lines = _ESCAPE_SEQUENCE.sub("", text).split("\n")
    return "\n".join("\t".join(map(visible, line.rstrip("\r").split("\t"))) for line in lines)


def counted(count: int, noun: str) -> str:
    """A count and its noun: ``1 block``, ``9,500 rows``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
