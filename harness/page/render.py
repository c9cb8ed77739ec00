"""The page itself: one HTML file with its style and its script, which asks for nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.page.code import styles
from harness.page.comparing import states
from harness.page.graph import HEIGHT, WIDTH
from harness.plain import counted
from harness.report.words import duration, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.page.comparing import Comparison
    from harness.page.kept import Kept
    from harness.page.sections import Section

_FOLDER = Path(__file__).parent / "templates"


def page(
    sections: Sequence[Section],
    *,
    verdict: str,
    kept: Kept,
    comparison: Comparison | None = None,
) -> str:
    """The HTML of a page.

    Args:
        sections: The runs, in order, those that were triggered among them.
        verdict: ``passed``, ``failed`` or ``not finished``.
        kept: What it keeps for programs, with the versions of what ran.
        comparison: The runs beside earlier ones; None where nobody asked for that.
    """
    style, script = _style(), (_FOLDER / "page.js").read_text("utf-8")
    return (
        _environment()
        .get_template("page.html")
        .render(
            sections=sections,
            verdict=verdict,
            surroundings=kept.surroundings,
            packages=kept.packages,
            comparison=comparison,
            kept=Markup(kept.embedded()),  # noqa: S704 - nothing in it is markup
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            style_hash=_hash(style),
            script_hash=_hash(script),
            node_width=WIDTH,
            node_height=HEIGHT,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "duration": duration,
        "number": number,
        "counted": counted,
        "states": states,
    }
    environment.filters.update(filters)
    return environment


@cache
def _style() -> str:
    return f"{(_FOLDER / 'page.css').read_text('utf-8')}\n{styles()}"


def _hash(text: str) -> str:
    """The source expression that lets just this text in, for the Content-Security-Policy."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
