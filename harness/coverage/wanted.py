"""What the author wants of the coverage: reports, a least percentage, the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

TERM = "term"
KINDS = (TERM, "html", "xml", "lcov", "json")
HELP = "term, html:DIR, xml:FILE, lcov:FILE or json:FILE"


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report.

    Attributes:
        kind: One of ``KINDS``.
        path: Where it is written; None for the terminal.
    """

    kind: str
    path: Path | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is wanted of the coverage.

    Attributes:
        reports: The reports.
        fail_under: The least percentage of lines and branches together; None for any.
        data: Where coverage.py's data are kept; None for nowhere.
    """

    reports: tuple[Report, ...]
    fail_under: float | None
    data: Path | None

    @classmethod
    def by(
        cls,
        *,
        on: bool,
        reports: Sequence[str] | None,
        fail_under: float | None,
        data: Path | str | None,
        option: str,
    ) -> Self | None:
        """What options ask for; None where none of them was given.

        Args:
            on: Whether coverage was asked for without more.
            reports: Reports, each as ``HELP`` says; the terminal's if none are given.
            fail_under: The least percentage.
            data: Where the data are kept.
            option: What the options' names begin with, such as ``--coverage``.

        Raises:
            InputError: A report is unknown or has no place, or the percentage is none.
        """
        if not on and not reports and fail_under is None and data is None:
            return None
        if fail_under is not None and not 0 <= fail_under <= 100:  # noqa: PLR2004 - per cent
            raise InputError(
                f"{option}-fail-under {fail_under:g} is no percentage",
                remedy="give a number from 0 to 100",
            )
        return cls(
            reports=tuple(_report(text, option=option) for text in reports or (TERM,)),
            fail_under=fail_under,
            data=None if data is None else Path(data).absolute(),
        )


def _report(text: str, *, option: str) -> Report:
    kind, _, path = text.partition(":")
    if kind not in KINDS or (kind == TERM) == bool(path):
        raise InputError(f"{option}-report {text!r} is no report", remedy=f"give {HELP}")
    return Report(kind=kind, path=Path(path).absolute() if path else None)
