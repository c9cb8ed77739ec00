"""``mage-harness ps`` and ``mage-harness down``: the stacks that ``up --detach`` has left."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import ProjectOption, settings_for
from harness.cli.output import Output
from harness.errors import InputError
from harness.nearest import meant
from harness.up.holding import name_of
from harness.up.kept import running

if TYPE_CHECKING:
    from harness.up.kept import Kept

NameArgument = Annotated[
    str | None, typer.Argument(metavar="NAME", help="What `up --detach` called it.")
]


def ps(name: NameArgument = None) -> None:
    """List the stacks that `up --detach` left.

    Each has a line. With a NAME, say how the services of that one are reached, with their
    passwords.

    Exit status: 0, also where there is none; 2 there is none of that name.
    """
    console = Output(soft_wrap=True)
    with ExitStack() as lines:
        stacks = [lines.enter_context(one) for one in running()]
        if name is not None:
            stacks = [_named(name, stacks)]
        for one in stacks:
            console.print(one.shown(now=time.time()), markup=False)
            for line in one.facts.lines if name is not None and one.facts is not None else ():
                console.print(line, markup=False)
    if not stacks:
        console.print("no stack runs")


def down(
    name: NameArgument = None,
    every: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--all", help="End all stacks of this user.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """End a stack that `up --detach` left.

    It waits until nothing of the stack is left. Without a NAME it is that of the project.

    Exit statuses: 0 it is gone, or there was none; 1 something is left, which is named; 2 there is
    none of that NAME.
    """
    if every and name is not None:
        raise InputError("down takes a NAME or --all, not both", remedy="leave one of them out")
    console = Output(soft_wrap=True)
    own = None if every or name is not None else name_of(settings_for(project).project, None)
    clean = True
    with ExitStack() as lines:
        stacks = [lines.enter_context(one) for one in running()]
        if name is not None:
            stacks = [_named(name, stacks)]
        for one in stacks if own is None else [one for one in stacks if one.name == own]:
            left = one.end()
            clean = clean and not left
            told = "nothing is left" if not left else f"left: {', '.join(left)}"
            console.print(f"{one.name} has ended; {told}", markup=False)
    if not stacks:
        console.print("no stack runs")
    elif own is not None and own not in {one.name for one in stacks}:
        console.print(f"no stack {own} runs; there are: {_names(stacks)}", markup=False)
    raise typer.Exit(0 if clean else 1)


def _named(name: str, stacks: list[Kept]) -> Kept:
    for one in stacks:
        if one.name == name:
            return one
    near = meant(name, [one.name for one in stacks])
    raise InputError(
        f"no stack {name} runs",
        evidence=[f"there are: {_names(stacks) or 'none'}"],
        remedy=f"did you mean {near}?" if near else "start one: mage-harness up --detach",
    )


def _names(stacks: list[Kept]) -> str:
    return ", ".join(one.name for one in stacks)
