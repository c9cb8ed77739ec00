"""``mage-harness doctor``: what is installed, found and cached, and what to do about the rest."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.options import ProjectOption, settings_for
from harness.cli.output import Output
from harness.diagnosis import examine


def doctor(
    project: ProjectOption = None,
    provider: Annotated[
        str | None,
        typer.Option(help="Look at what this provider needs: embedded or docker."),
    ] = None,
) -> None:
    """Say what is installed, found and cached, and what to do about what is missing.

    Installs nothing and leaves nothing behind; all that it starts are short trials, of programs and
    of a network namespace. Ends with status 3 where pipelines cannot be run.
    """
    console = Output(soft_wrap=True)
    able = True
    for check in examine(settings_for(project, provider=provider)):
        able = able and check.ok
        console.print(f"{'ok     ' if check.ok else 'MISSING'} {check.name}: ", end="")
        console.print(check.found, markup=False)
        if check.remedy:
            console.print(f"        remedy: {check.remedy}", markup=False)
    console.print("pipelines can be run" if able else "pipelines cannot be run on this machine yet")
    raise typer.Exit(0 if able else 3)
