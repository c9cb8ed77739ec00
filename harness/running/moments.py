"""When a session's runs take place: which time its services and its pipelines have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.clock.clock import offset_to
from harness.clock.preload import library
from harness.errors import InputError
from harness.moment import moment, written
from harness.running.lent import date_of
from harness.tap import EXECUTION_DATE_VARIABLE

if TYPE_CHECKING:
    from datetime import datetime

    from harness.services.stack import Stack
    from harness.settings import Settings

_OTHERS = ("postgres", "gcs", "bigquery", "real_google")
_EXAMPLE = "2021-02-01T05:00Z"


@dataclass(frozen=True, kw_only=True)
class Told:
    """The time that a run is given.

    Attributes:
        offset: Seconds to add to the real time.
        at: The moment that was asked for, which is the run's ``execution_date``.
    """

    offset: int
    at: datetime

    def variables(self) -> dict[str, str]:
        """What the tap is told."""
        return {EXECUTION_DATE_VARIABLE: date_of(self.at)}


class Moments:
    """Sets the clock of a stack before each run.

    Args:
        stack: The services.
        settings: With the moment at which a world begins.

    Raises:
        InputError: It has one, and services whose time is not the harness's to give.
        EnvironmentNotAbleError: It has one, and there is no library for this machine.
    """

    def __init__(self, stack: Stack, *, settings: Settings) -> None:
        self._stack = stack
        self._settings = settings
        self._at = settings.at
        if self._at is not None:
            _refuse(settings)
        self._world: int | None = None

    def forget(self) -> None:
        """The next run begins a new world."""
        self._world = None

    def tell(self, at: datetime | str | None = None) -> Told | None:
        """Set the clock of the services, as a run that begins now has it.

        Args:
            at: The moment for this run alone; if not given, the world's clock goes on.

        Returns:
            The run's time; None for the real one.

        Raises:
            InputError: It is no moment, or a service cannot have another time.
            EnvironmentNotAbleError: This machine cannot give another time.
        """
        if at is not None:
            own = moment_of(at)
            _refuse(self._settings)
            return self._told(own, offset_to(own))
        if self._world is None:
            self._world = offset_to(self._at)
        return self._told(self._at, self._world)

    def _told(self, at: datetime | None, offset: int) -> Told | None:
        self._stack.keep_time(offset)
        return None if at is None else Told(offset=offset, at=at)


def shown(told: Told | None) -> str | None:
    """The moment as reports show it; None for the real time."""
    return None if told is None else written(told.at)


def _refuse(settings: Settings) -> None:
    """Refuse what cannot have another time, before anything is started."""
    others = [
        f"--{name.replace('_', '-')}" for name in _OTHERS if getattr(settings, name) is not None
    ]
    others += ["--provider docker"] if settings.provider == "docker" else []
    if others:
        raise InputError(
            "not everything can have another time than the real one",
            cause="the harness gives it to its own services of the provider embedded only",
            evidence=[f"used besides `at`: {', '.join(others)}"],
            remedy="leave out one or the other",
        )
    library()


def moment_of(at: datetime | str) -> datetime:
    """A moment that somebody gave for a run.

    Raises:
        InputError: It is none.
    """
    try:
        return moment(at)
    except ValueError as error:
        raise InputError(
            f"{at!r} cannot be the time of a run",
            cause=str(error),
            remedy=f"write it as '{_EXAMPLE}'",
        ) from error


def marked(*given: Any, **named: Any) -> datetime | None:
    """The moment that the marker ``mage_at(time)`` of a test gives; None where it gives none.

    Raises:
        InputError: It is given something else, or what is no moment.
    """
    at = given[0] if given else named.pop("time", None)
    others = [*map(repr, given[1:]), *(f"{name}={value!r}" for name, value in named.items())]
    if others:
        raise InputError(
            "the marker mage_at takes a time and nothing else",
            evidence=[f"it was given: {', '.join(others)}"],
            remedy=f"write it as @pytest.mark.mage_at('{_EXAMPLE}')",
        )
    return None if at is None else moment_of(at)
