"""Texts of SQL that hold several statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


def divided(text: str, *, opaque: re.Pattern[str]) -> Iterator[str]:
    """The single statements of a text, without their semicolons.

    Args:
        text: The text.
        opaque: Finds what a dialect takes for comments, texts and quoted names, and semicolons.
    """
    start = 0
    if ";" in text.rstrip().removesuffix(";"):
        for match in opaque.finditer(text):
            if match[0] == ";":
                yield text[start : match.start()]
                start = match.end()
    rest = text[start:].rstrip().removesuffix(";")
    if rest:
        yield rest
