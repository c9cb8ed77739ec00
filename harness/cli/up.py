"""``mage-harness up``: the private services for work by hand, until Ctrl-C."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import until_told
from harness.cli.among import COMMAND
from harness.cli.options import FileOption, ProjectOption, pairs, settings_for
from harness.cli.output import Output
from harness.project.reader import read_project
from harness.report import words
from harness.report.terminal import RunProgress
from harness.services.stack import Stack
from harness.up.command import run_command_among
from harness.up.env_file import check_env_file
from harness.up.environment import for_a_command
from harness.up.world import SERVICES, ByHand, start

if TYPE_CHECKING:
    from collections.abc import Sequence


def up(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PIPELINE ...] [-- COMMAND ...]",
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
) -> None:
    """Start the private services, filled with the seeds, for work by hand (docs/up.md).

    It says how each is reached, and stays until Ctrl-C; then all is gone. With a command behind
    `--`, that runs among them, as long as it takes:

        mage-harness up -- mage start .

    is Mage's own pages on your project, whose pipelines read and write the private services,
    whatever io_config.yaml and blocks name.

    Exit statuses: that of the command; 2 bad usage or input; 3 the environment is not able; 130
    ended by Ctrl-C.
    """
    if env_file is not None:
        check_env_file(env_file.absolute())
    settings = settings_for(
        project,
        provider="embedded",
        files=pairs("--file", file),
        ports=pairs("--port", port),
    )
    read = read_project(settings.project)
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
            for line in by_hand.lines(variables):
                console.print(words.line(console, line))
            command: Sequence[str] = context.meta[COMMAND]
            if command:
                env = for_a_command(variables)
                status = run_command_among(command, env=env, guardian=stack.guardian)
                raise typer.Exit(status)
            _stay(console, sorted(stack.services))


def _stay(console: Output, names: Sequence[str]) -> None:
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
