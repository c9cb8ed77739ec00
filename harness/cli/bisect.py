"""``mage-harness bisect``: since which commit, or which version, is a pipeline another?"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from harness.bisect.commits import Commits
from harness.bisect.facts import facts_of, told
from harness.bisect.hunting import Bisection
from harness.bisect.judging import ByData, ByVerdict, Wish
from harness.bisect.search import Verdict
from harness.bisect.versions import MAGE, Versions
from harness.cli.jsonfile import require_file, write_json
from harness.cli.once import once
from harness.cli.options import (
    AtOption,
    DeadlineOption,
    ProjectOption,
    ProviderOption,
    RunnerOption,
    VariablesOption,
    pairs,
    settings_for,
)
from harness.cli.output import Output
from harness.errors import InputError
from harness.machine.guardian import Guardian
from harness.plain import counted, printable, readable
from harness.running.variables import parse_assignments

if TYPE_CHECKING:
    from rich.console import Console

    from harness.bisect.candidates import Candidates
    from harness.bisect.hunting import Step
    from harness.settings import Settings


class Fixtures(StrEnum):
    """Whose recordings, seeds, contracts and mapped files the runs have."""

    NOW = "now"
    COMMIT = "commit"


def bisect(
    pipeline: Annotated[
        str, typer.Argument(metavar="PIPELINE", help="The pipeline that is another now.")
    ],
    good: Annotated[
        str | None,
        typer.Option(metavar="REV", help="A commit where all was well: search the commits since."),
    ] = None,
    bad: Annotated[
        str | None,
        typer.Option(
            metavar="REV",
            help="A commit where it was not any more. Default: the working tree, or HEAD where "
            "nothing in it is changed.",
        ),
    ] = None,
    mage: Annotated[
        str | None,
        typer.Option(
            metavar="GOOD..BAD",
            help="Search the released versions of Mage, such as 0.9.70..0.9.80.",
        ),
    ] = None,
    package: Annotated[
        str | None,
        typer.Option(
            metavar="NAME==GOOD..BAD",
            help="Search the released versions of a library, such as pandas==2.1.0..2.3.0.",
        ),
    ] = None,
    data: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--data",
            help="Search what changed the data that the pipeline leaves, rather than what made it "
            "fail.",
        ),
    ] = False,
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SINK=COLUMN",
            help="With --data, the column that identifies a row of a sink, or several with commas. "
            "May be given several times.",
        ),
    ] = None,
    ignoring: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="With --data, a column that may differ, such as the time of the load. May be "
            "given several times.",
        ),
    ] = None,
    fixtures: Annotated[
        Fixtures,
        typer.Option(
            help="Whose recordings, seeds, contracts and mapped files the runs have: those of now "
            "or each commit's own."
        ),
    ] = Fixtures.NOW,
    contract: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--contract/--no-contract",
            help="Whether a run that does not hold the pipeline's contract is bad. Default: yes.",
        ),
    ] = True,
    project: ProjectOption = None,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    at: AtOption = None,
    provider: ProviderOption = None,
    runner: RunnerOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the facts as JSON.")
    ] = None,
) -> None:
    """Find the commit, or the version of Mage or of a library, that broke or changed a pipeline.

    A binary search: the pipeline runs with some commits' code, or with some versions, in private
    services, after the good and the bad one have shown that they are. What cannot run is skipped.
    Commits are checked out into private folders; your files and git's index are not touched.

    Exit statuses: 0 the first bad one is found; 1 it is not: the good one is bad, the bad one is
    good, or all that is left was skipped; 2 bad usage or input; 3 the environment is not able; 130
    interrupted, after what is known so far.
    """
    require_file(json_file)
    _one_of(good=good, mage=mage, package=package, bad=bad)
    settings = settings_for(project, deadline=deadline, at=at, provider=provider, runner=runner)
    console = Output(soft_wrap=True)
    tell = once(lambda line: console.print(line, style="dim", markup=False))
    wish = Wish(
        pipeline=pipeline,
        variables=parse_assignments(var or ()),
        contract=contract,
        keys={sink: tuple(columns.split(",")) for sink, columns in _keys(key).items()},
        ignoring=tuple(ignoring or ()),
        progress=tell,
    )
    with Guardian() as guardian:
        candidates: Candidates
        if good is not None:
            candidates = Commits(
                settings,
                pipeline=pipeline,
                good=good,
                bad=bad,
                own_fixtures=fixtures is Fixtures.COMMIT,
                guardian=guardian,
            )
        else:
            candidates = _versions(settings, mage, package, guardian=guardian, console=console)
        _searched(console, candidates, wish, by_data=data, json_file=json_file)


def _searched(
    console: Console, candidates: Candidates, wish: Wish, *, by_data: bool, json_file: Path | None
) -> None:
    noun = candidates.noun
    _say(console, f"{counted(len(candidates.all), noun)}, the good and the bad one with them")
    steps = _Steps(console)
    judge = ByData(wish, noun=noun) if by_data else ByVerdict(wish)
    bisection = Bisection(candidates, judge, begin=steps.begin, told=steps.end)
    answer = None
    try:
        with steps:
            bisection.run()
        answer = bisection.answer()
    finally:
        # Also for Ctrl-C and for a fault: what is known has cost time.
        for line in told(bisection, answer, noun=noun):
            _say(console, line)
        if json_file is not None:
            write_json(json_file, facts_of(bisection, answer, pipeline=wish.pipeline))
    raise typer.Exit(1 if answer is None else 0)


class _Steps:
    """Shows steps: while one lasts, on a terminal, and each in a line at its end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("") if console.is_terminal else None

    def __enter__(self) -> None:
        if self._status is not None:
            self._status.start()

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def begin(self, line: str) -> None:
        """A step has begun."""
        if self._status is not None:
            self._status.update(escape(readable(line)))

    def end(self, step: Step) -> None:
        """A step has ended."""
        _say(self._console, step.line)
        if step.finding.verdict is not Verdict.GOOD and step.finding.lines:
            _say(self._console, f"  {step.finding.lines[0]}", style="dim")


def _say(console: Console, line: str, *, style: str = "") -> None:
    console.print(printable(line), style=style, markup=False)


def _one_of(*, good: str | None, mage: str | None, package: str | None, bad: str | None) -> None:
    if [good, mage, package].count(None) != 2:  # noqa: PLR2004 - all but one
        raise InputError(
            "one of --good, --mage and --package says what is searched",
            remedy="mage-harness bisect PIPELINE --good main~20, or --mage 0.9.70..0.9.80, or "
            "--package pandas==2.1.0..2.3.0",
        )
    if bad is not None and good is None:
        raise InputError(
            "--bad goes with --good",
            remedy="write the bad version behind two dots: --mage 0.9.70..0.9.80",
        )


def _keys(key: list[str] | None) -> dict[str, str]:
    return pairs("--key", key) or {}


def _versions(
    settings: Settings,
    mage: str | None,
    package: str | None,
    *,
    guardian: Guardian,
    console: Console,
) -> Versions:
    name, equals, span = (MAGE, "==", mage) if mage else (package or "").partition("==")
    if not equals:
        raise InputError(
            f"--package {package!r} has no ==", remedy="write NAME==GOOD..BAD: pandas==2.1.0..2.3.0"
        )
    _say(console, f"looking for the versions of {name}", style="dim")
    return Versions(
        settings,
        package=name,
        span=span,
        guardian=guardian,
        progress=lambda line: _say(console, line, style="dim"),
    )
