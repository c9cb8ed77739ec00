"""A block's file, highlighted line by line, with what happened at its lines."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from harness.page import limits
from harness.page.facts import Code, Line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pygments.lexer import Lexer

    from harness.page.clean import Cleaner

_LIGHT, _DARK = "default", "github-dark"


def code_of(
    path: Path, *, name: str, marks: Mapping[int, Sequence[str]], clean: Cleaner
) -> Code | None:
    """A file; of a long one the lines around what happened. None where it cannot be read.

    Args:
        path: The file.
        name: What it is called.
        marks: For a line, counted from 1, what happened there.
        clean: Makes text fit.
    """
    try:
        with path.open("rb") as file:
            text = file.read(limits.CODE_READ).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return None
    lines = clean.text(text).rstrip("\n").split("\n")
    first = _first(len(lines), min(marks, default=1))
    shown = lines[first : first + limits.CODE_LINES]
    html = _highlighted("\n".join(shown), _lexer(path.suffix))
    return Code(
        file=clean.line(name, most=limits.CELL),
        lines=tuple(
            Line(
                number=number,
                text=text,
                html=line,
                marks=tuple(clean.line(one, most=limits.TEXT) for one in marks.get(number, ())),
            )
            for number, (text, line) in enumerate(zip(shown, html, strict=True), first + 1)
        ),
        left_out=len(lines) - len(shown),
    )


def styles() -> str:
    """The colours of highlighted code, for a light and a dark screen."""
    light = HtmlFormatter(style=_LIGHT).get_style_defs(".code")
    dark = HtmlFormatter(style=_DARK).get_style_defs(".code")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _first(count: int, wanted: int) -> int:
    """The first line to show, counted from 0."""
    return max(0, min(wanted - limits.CODE_LINES // 2, count - limits.CODE_LINES))


def _highlighted(text: str, lexer: Lexer) -> list[Markup]:
    count = text.count("\n") + 1
    if len(text) > limits.CODE_CHARACTERS:
        text = "\n".join(line[: limits.TEXT] for line in text.split("\n"))
        text = text[: limits.CODE_CHARACTERS]
        lexer = TextLexer(stripnl=False)
    html = highlight(text, lexer, HtmlFormatter(nowrap=True))
    # Each line has its own spans, and all that is foreign in it is escaped.
    return [Markup(line) for line in html.split("\n")][:count]  # noqa: S704


@cache
def _lexer(suffix: str) -> Lexer:
    try:
        return get_lexer_for_filename(f"block{suffix}", stripnl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False)
