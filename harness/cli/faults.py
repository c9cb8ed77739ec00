"""``--fault``: trouble that is declared on the command line, and what became of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.errors import CheckFailedError, InputError
from harness.faults.declared import Faults
from harness.faults.written import read, text_of
from harness.plain import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

    from harness.faults.fault import Fault
    from harness.running.session import Session

FaultOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="FAULT",
        help="Have the runs meet trouble, as a test declares it (docs/faults.md): "
        "'gcs(503, times=2, block=taxi_data_to_gcs)', 'postgres(cut, size=100000)', "
        "'clock(\"+1h\", block=load)'. May be given several times. One that does not come fails "
        "the command.",
    ),
]


class Declared:
    """The faults of one command.

    Args:
        texts: As they were written.
        without: Options that exclude them, each with whether it is given.

    Raises:
        InputError: One is no fault, or there is an option that excludes them.
    """

    def __init__(self, texts: Sequence[str], *, without: Mapping[str, bool]) -> None:
        self._written = [read(text) for text in texts]
        self._account: tuple[Fault, ...] = ()
        self._unmet: CheckFailedError | None = None
        others = [name for name, is_given in without.items() if is_given]
        if texts and others:
            raise InputError(
                f"--fault and {others[0]} exclude each other",
                cause="a run in trouble is held against what it is to do in that trouble, and "
                "its faults are counted in one world",
                remedy=f"leave out {others[0]}, or declare no fault",
            )

    def given(self) -> dict[str, Any]:
        """What is asked of all runs, by a name for it; nothing where there are no faults."""
        return {"--fault": [one.text for one in self._written]} if self._written else {}

    @contextmanager
    def around(self, session: Session) -> Iterator[None]:
        """The runs of a session meet them meanwhile.

        Args:
            session: The session, opened.

        Raises:
            InputError: There is no such trouble, block or service of the harness's own.
            EnvironmentNotAbleError: A service cannot be started.
        """
        if not self._written:
            yield
            return
        with Faults(session) as faults:
            for one in self._written:
                one.declare(faults)
            yield
            self._account = faults.account()
            try:
                faults.require_met()
            except CheckFailedError as error:
                self._unmet = error

    def facts(self) -> tuple[Mapping[str, Any], ...]:
        """What became of each, as it is published."""
        return tuple(
            {"fault": text_of(one), "times": one.times, "met": one.met} for one in self._account
        )

    def tell(self, console: Console) -> bool:
        """Say of each fault whether it came.

        Args:
            console: Where.

        Returns:
            Whether all came as often as declared.
        """
        for line in lines_of(self._account):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        if self._unmet is not None:
            console.print(visible(str(self._unmet)), markup=False, highlight=False, soft_wrap=True)
        return self._unmet is None


def lines_of(faults: Iterable[Fault]) -> Iterator[str]:
    """A line about each fault.

    Args:
        faults: The faults, each with how often it came.
    """
    for one in faults:
        came = "came" if one.is_met else "did not come"
        yield visible(f"fault {came}: {text_of(one)}: {one.met} of {counted(one.times, 'time')}")
