"""``mage-harness warm``: the servers that warm runs are forked of."""

from __future__ import annotations

import time

import typer

from harness.cli.output import Output
from harness.plain import counted
from harness.running.warm.kept import running, stop

app = typer.Typer(
    name="warm",
    help="The servers that warm runs are forked of; they stay for the next command (docs/warm.md).",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("status")
def status() -> None:
    """Say which servers of this user run, each in a line.

    Exit status: 0, also where there is none.
    """
    console = Output(soft_wrap=True)
    servers = list(running())
    for server in servers:
        console.print(server.line(now=time.time()), markup=False)
    if not servers:
        console.print("no server runs")


@app.command("stop")
def end() -> None:
    """Have all servers of this user end, as soon as the runs that they have forked are done.

    A command that is at work goes on; its next run is cold, or has another server.

    Exit status: 0, also where there is none.
    """
    console = Output(soft_wrap=True)
    count = stop()
    console.print(f"{counted(count, 'server')} told to end" if count else "no server runs")
