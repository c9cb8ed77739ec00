"""Numbers, marks and foreign text as a console can show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from harness.plain import counted, readable, visible

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {
    "completed": "green",
    "failed": "bold red",
    "running": "yellow",
    "skipped": "dim",
    "not run": "dim",
}
_MARKS = {
    "completed": ("\N{CHECK MARK}", "+"),
    "failed": ("\N{BALLOT X}", "x"),
    "running": ("\N{BLACK RIGHT-POINTING TRIANGLE}", ">"),
    "skipped": ("\N{MIDDLE DOT}", "."),
    "not run": ("\N{MIDDLE DOT}", "."),
}


def text(console: Console, raw: str, *, style: str = "") -> Text:
    """Foreign text: no markup, no terminal sequences, and only what the console can encode."""
    return _encodable(console, readable(raw), style)


def line(console: Console, raw: str, *, style: str = "") -> Text:
    """A line whose spaces matter: foreign text in columns, with each sign that prints."""
    return _encodable(console, visible(raw), style)


def _encodable(console: Console, shown: str, style: str) -> Text:
    encoded = shown.encode(console.encoding, "backslashreplace")
    return Text(encoded.decode(console.encoding), style=style)


def status_style(status: str) -> str:
    """The colour of a block's status."""
    return _STYLES.get(status, "")


def mark(console: Console, status: str) -> Text:
    """One sign for a block's status."""
    sign, ascii_sign = _MARKS.get(status, ("?", "?"))
    return Text(ascii_sign if ascii_only(console) else sign, style=status_style(status))


def ascii_only(console: Console) -> bool:
    """Whether the console's encoding has no more than ASCII's signs for certain."""
    return not console.encoding.startswith("utf")


def number(count: int | None) -> str:
    """A count with its thousands apart, or a dash."""
    return "-" if count is None else f"{count:,}"


def duration(seconds: float | None) -> str:
    """A time in seconds, or in minutes from two on, or a dash."""
    if seconds is None:
        return "-"
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


def flow(rows_in: int | None, rows_out: int | None) -> str:
    """The rows that went through a block, as far as they are known."""
    parts = []
    if rows_in is not None:
        parts.append(f"{counted(rows_in, 'row')} in")
    if rows_out is not None:
        parts.append(f"{counted(rows_out, 'row') if rows_in is None else f'{rows_out:,}'} out")
    return ", ".join(parts)
