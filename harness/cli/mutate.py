"""``mage-harness mutate``: which small mistakes in a pipeline's code would nobody notice?"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.jsonfile import require_file, write_json
from harness.cli.once import once
from harness.cli.options import (
    AtOption,
    DeadlineOption,
    ProjectOption,
    VariablesOption,
    settings_for,
)
from harness.cli.output import Output
from harness.mutate.hunt import hunted
from harness.mutate.operators import OPERATORS
from harness.mutate.preparing import Wish, check, prepared
from harness.plain import counted
from harness.report.mutation import outcome_line, print_mutation
from harness.report.progress import RunProgress
from harness.running.session import Session
from harness.running.variables import parse_assignments

if TYPE_CHECKING:
    from harness.mutate.outcome import Outcome

_OPERATORS = "; ".join(f"{name}: {what}" for name, what in OPERATORS.items())


def mutate(
    pipeline: Annotated[
        str, typer.Argument(metavar="PIPELINE", help="The pipeline whose code is changed.")
    ],
    project: ProjectOption = None,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    at: AtOption = None,
    tests: Annotated[
        list[str] | None,
        typer.Option(
            "--tests",
            metavar="PATH",
            help="Tests that pytest runs on each mutant which nothing else noticed; they run "
            "pipelines by the plugin's fixtures. May be given several times.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="BLOCK",
            help="Change this block only, or this file of the project, such as utils/shared.py. "
            "May be given several times.",
        ),
    ] = None,
    operators: Annotated[
        str | None,
        typer.Option(metavar="A,B", help=f"These kinds of changes only. There are: {_OPERATORS}."),
    ] = None,
    modules: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--modules/--no-modules",
            help="Change modules of the project that blocks import, too. Default: yes.",
        ),
    ] = True,
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Try so many at the most, taken evenly from all files."
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Try so many at a time, each in a world of its own."),
    ] = 1,
    fail_under: Annotated[
        float | None,
        typer.Option(
            metavar="PERCENT",
            min=0,
            max=100,
            help="End with 1 if the score is less, rather than for any survivor.",
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the facts as JSON.")
    ] = None,
) -> None:
    """Change a pipeline's code a little, again and again: does any expectation notice?

    The pipeline runs unchanged, and then once for each small mistake (a filter that is not applied,
    a limit that is off by one, a column taken for another) in emptied services. Whoever notices
    has killed the mutant: the verdict with the blocks' own tests, the contract, and the tests that
    --tests names. One that leaves other data without being noticed has survived: it is shown with
    its difference and with a line of a test that would have noticed. Your files are not touched.

    Exit statuses: 0 no mutant survived, or the score is at least --fail-under; 1 otherwise, or the
    unchanged pipeline fails; 2 bad usage or input; 3 the environment is not able; 130 interrupted,
    after what is known so far.
    """
    require_file(json_file)
    settings = settings_for(project, deadline=deadline, at=at)
    wish = Wish(
        pipeline=pipeline,
        variables=parse_assignments(var or ()),
        tests=tuple(tests or ()),
        only=only or (),
        operators=[name.strip() for name in (operators or "").split(",") if name.strip()],
        modules=modules,
        limit=limit,
    )
    console = Output()
    with RunProgress(console) as progress:
        session = Session(settings, progress=once(progress.message))
        check(session, wish)
        with session:
            found = prepared(session, wish)
            progress.message(f"{counted(len(found.mutants), 'mutant')} to try")
            outcomes: list[Outcome] = []
            try:
                with closing(hunted(found.hunt, session, found.mutants, jobs=jobs)) as trials:
                    for outcome in trials:
                        outcomes.append(outcome)
                        line = outcome_line(outcome, number=len(outcomes), of=len(found.mutants))
                        progress.message(line)
            finally:
                # Also for Ctrl-C and for a fault: what is known has cost time.
                report = found.report(session, outcomes)
                print_mutation(console, report)
                if json_file is not None:
                    write_json(json_file, report.as_json())
    raise typer.Exit(0 if report.passes(fail_under) else 1)
