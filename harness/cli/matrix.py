"""``mage-harness matrix``: the same pipelines on several versions, and how their data differs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.jsonfile import require_file, write_json
from harness.cli.options import (
    AtOption,
    DeadlineOption,
    ProjectOption,
    RunnerOption,
    VariablesOption,
    settings_for,
)
from harness.cli.output import Output
from harness.machine.guardian import Guardian
from harness.matrix.axes import package as package_of
from harness.matrix.axes import versions, wanted
from harness.matrix.cells import Cells
from harness.matrix.running import Matrix
from harness.matrix.table import print_matrix
from harness.project.reader import read_project
from harness.report.progress import RunProgress
from harness.running.plan import plan
from harness.running.variables import check_variables, parse_assignments
from harness.services.stack import PREFIX, Stack


def matrix(
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PIPELINE ...]", help="Which pipelines. Default: all."),
    ] = None,
    mage: Annotated[
        str | None,
        typer.Option(
            metavar="V[,V...]",
            help="Versions of Mage. 0.9.7x is the newest of 0.9.70 to 0.9.79 that the package "
            "index has. Default: the setting `mage_version`.",
        ),
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(
            metavar="V[,V...]",
            help="Versions of Python that are on this machine, such as 3.11,3.12. Default: the "
            "setting `python`.",
        ),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME==V[,V...]",
            help="Versions of a package, in place of what the project's requirements say. May be "
            "given several times.",
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="CELL",
            help="What the others are compared with, by the name in the table, such as "
            "'mage 0.9.79, python 3.11'. Default: the first that can be had.",
        ),
    ] = None,
    once: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--once",
            help="Run the baseline once. Default: twice, so that columns which differ from run to "
            "run are not taken for a difference of the versions.",
        ),
    ] = False,
    project: ProjectOption = None,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    at: AtOption = None,
    runner: RunnerOption = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", help="Write the facts as JSON (docs/matrix.schema.json)."
        ),
    ] = None,
) -> None:
    """Run pipelines on several versions of Mage, Python and packages, and compare their data.

    Each version is put together with each other one; the environment of each such cell is made
    once and kept. In each, pipelines run in emptied services with the same fixtures, and what
    their blocks return and what they write is held against the baseline's: rows, columns, types
    and values.

    Exit statuses: 0 all passed in all cells, with the same data; 1 one failed or left other data,
    or a cell cannot be had; 2 bad usage or input; 3 the environment is not able, or the baseline
    cannot be had; 130 interrupted.
    """
    require_file(json_file)
    settings = settings_for(project, deadline=deadline, at=at, runner=runner)
    asked = wanted(
        mage=versions("--mage", mage) if mage is not None else (settings.mage_version,),
        python=versions("--python", python) if python is not None else (settings.python,),
        packages=[package_of(one) for one in package or ()],
    )
    read = read_project(settings.project)
    steps = plan(read, pipelines or (), settings.needs)
    variables = parse_assignments(var or ())
    check_variables(variables, project=read, pipelines=[read.pipeline(uuid) for uuid in steps])
    console = Output()
    with Guardian() as guardian, RunProgress(console) as progress:
        folder = guardian.make_folder(prefix=PREFIX)
        try:
            cells = Cells(settings, folder=folder, progress=progress.message).of(
                asked, baseline=baseline
            )
            with Stack(settings, progress=progress.message) as stack:
                report = Matrix(
                    stack,
                    pipelines=pipelines or steps,
                    variables=variables,
                    once=once,
                    progress=progress.message,
                ).report(cells)
        finally:
            guardian.delete(folder)
    print_matrix(console, report)
    if json_file is not None:
        write_json(json_file, report.as_json())
    raise typer.Exit(0 if report.ok else 1)
