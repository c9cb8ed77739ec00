"""``mage-harness list`` and ``mage-harness lint``: what can be seen without running."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from harness.cli.options import ProjectOption, settings_for
from harness.cli.output import Output
from harness.project.reader import read_project
from harness.running.entry.foreseen import foreseen


def list_pipelines(project: ProjectOption = None) -> None:
    """List the project's pipelines with their types, blocks and variables."""
    found = read_project(settings_for(project).project)
    table = Table("pipeline", "type", "blocks", "variables", title=escape(found.name), box=None)
    for pipeline in found.pipelines:
        table.add_row(
            escape(pipeline.uuid),
            escape(pipeline.type),
            escape(" > ".join(block.uuid for block in pipeline.blocks)),
            escape(", ".join(f"{name}={value}" for name, value in pipeline.variables.items())),
        )
    for broken in found.unreadable:
        table.add_row(escape(broken.uuid), "[red]unreadable[/red]", escape(broken.error.symptom))
    Output().print(table)


def lint_project(
    pipelines: Annotated[
        list[str] | None, typer.Argument(metavar="[PIPELINE ...]", help="Default: all.")
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Name what `mage run` would pass over in silence, without running anything.

    What a run would do without, since it goes by Mage's engine or the settings accept it, is told
    in notes.

    Ends with status 1 where it finds something.
    """
    settings = settings_for(project)
    found = read_project(settings.project)
    wanted = [found.pipeline(uuid).uuid for uuid in pipelines] if pipelines else None
    seen = foreseen(found, pipelines=wanted, settings=settings)
    problems = seen.problems
    console = Output(soft_wrap=True)
    for line in (*map(str, problems), *(f"note: {note}" for note in seen.notes)):
        console.print(line, markup=False)
    count = len(wanted) if wanted is not None else len(found.pipelines)
    console.print(
        f"{len(problems)} problem{'' if len(problems) == 1 else 's'} in {count} "
        f"pipeline{'' if count == 1 else 's'} of {found.name}",
        markup=False,
    )
    raise typer.Exit(1 if problems else 0)
