"""``mage-harness up``: the private services for work by hand, until Ctrl-C or ``down``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from harness.cli import is_told, until_told
from harness.cli.among import ARGUMENTS, COMMAND
from harness.cli.options import FileOption, ProjectOption, pairs, settings_for
from harness.cli.output import Output
from harness.errors import InputError
from harness.project.reader import read_project
from harness.report import words
from harness.report.terminal import RunProgress
from harness.services.stack import Stack
from harness.up.command import run_command_among
from harness.up.detaching import detached, say_ready
from harness.up.env_file import check_env_file
from harness.up.environment import for_a_command
from harness.up.holding import HOURS, Facts, Holding, name_of
from harness.up.world import SERVICES, ByHand, start

if TYPE_CHECKING:
    from collections.abc import Sequence

HOLDER = "--holder"
"""With the descriptor on which the process of a detached stack says that it is ready."""


def up(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PIPELINE",
            help="For which pipelines: S3, MySQL and DuckDB start where one of them asks for it. "
            "Default: all. Behind `--`, a command that is run among the services.",
        ),
    ] = None,
    project: ProjectOption = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            "--service",
            metavar="NAME",
            help=f"Start this one only, with what it needs: {', '.join(SERVICES)}. May be given "
            "several times.",
        ),
    ] = None,
    port: Annotated[
        list[str] | None,
        typer.Option(
            "--port", metavar="SERVICE=N", help="Give a service a fixed port. Default: a free one."
        ),
    ] = None,
    file: FileOption = None,
    env_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the variables here, for `. FILE`; readable by you alone, and taken away at "
            "the end. Default: a file in the private folder.",
        ),
    ] = None,
    detach: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "-d",
            "--detach",
            help="Leave the services running: `mage-harness down` ends them, `mage-harness ps` "
            "lists them.",
        ),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What `down` and `ps` call a detached stack. Default: the project's folder.",
        ),
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=24 * 365,
            metavar="HOURS",
            help=f"A detached stack ends by itself after so long. Default: {HOURS:g}.",
        ),
    ] = None,
    holder: Annotated[int | None, typer.Option(HOLDER, hidden=True)] = None,
) -> None:
    """Start the private services for work by hand.

    They hold the seeds (docs/up.md). It says how each is reached, and stays until Ctrl-C; then all
    is gone. With --detach it stays until `mage-harness down`. With a command behind `--`, that runs
    among them, as long as it takes:

        mage-harness up -- mage start PROJECT

    is Mage's own pages on the project's folder, whose pipelines read and write the private
    services, whatever io_config.yaml and blocks name. Ctrl-C ends them.

    Exit statuses: that of the command; 2 bad usage or input; 3 the environment is not able; 130
    ended by Ctrl-C.
    """
    command: Sequence[str] = context.meta[COMMAND]
    if not detach and (name, hours) != (None, None):
        raise InputError(
            "--name and --hours are of a detached stack", remedy="add --detach, or leave them out"
        )
    if detach and command:
        raise InputError(
            "a command behind `--` has this terminal, and cannot be detached",
            remedy="detach the services alone; `. FILE`, which is printed, leads a shell to them",
        )
    if detach and holder is None:
        raise typer.Exit(detached(["up", *context.meta[ARGUMENTS]], option=HOLDER))
    if env_file is not None:
        check_env_file(env_file.absolute())
    settings = settings_for(
        project,
        provider="embedded",
        files=pairs("--file", file),
        ports=pairs("--port", port),
    )
    read = read_project(settings.project)
    called = name_of(settings.project, name)
    holding = None if holder is None else Holding(called)
    console = Output(soft_wrap=True)
    with Stack(settings, progress=RunProgress(console, moving=False).message) as stack:
        by_hand = ByHand(
            project=read,
            stack=stack,
            settings=settings,
            env_file=None if env_file is None else env_file.absolute(),
            progress=RunProgress(console, moving=False).message,
        )
        with by_hand:
            start(
                read,
                stack=stack,
                settings=settings,
                pipelines=pipelines or (),
                services=service or (),
                progress=by_hand.progress,
            )
            variables = by_hand.opened()
            lines = list(by_hand.lines(variables))
            for line in lines:
                console.print(words.line(console, line))
            if command:
                env = for_a_command(variables)
                status = run_command_among(command, env=env, guardian=stack.guardian)
                raise typer.Exit(status)
            if holding is None or holder is None:
                _stay(console, sorted(stack.services))
            hours = HOURS if hours is None else hours
            console.print(
                f"{called} is up for {hours:g} h at most; `mage-harness down {called}` ends it, "
                "and all that it holds is gone.",
                markup=False,
            )
            began = time.time()
            facts = Facts(
                project=str(settings.project),
                services=sorted(stack.services),
                began=began,
                until=began + hours * 3600,
                lines=lines,
                left=[*map(str, stack.guardian.folders()), str(by_hand.file)],
                token=stack.guardian.token,
            )
            say_ready(holder)
            holding.hold(facts, told=is_told)


def _stay(console: Output, names: Sequence[str]) -> NoReturn:
    """Wait for Ctrl-C; on a terminal with a line that says since when."""
    console.print("Ctrl-C ends it, and all that it holds is gone.")
    if not console.is_terminal:
        until_told()
    began = time.monotonic()
    with console.status("") as status:
        while True:
            minutes = int(time.monotonic() - began) // 60
            status.update(f"up for {minutes} min: {', '.join(names)}")
            time.sleep(1)
