"""``mage-harness inspect``: what pipelines read and write, seen in their source."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from harness.cli.options import ProjectOption, settings_for
from harness.cli.output import Output
from harness.errors import InputError
from harness.inspect.inspection import inspect
from harness.inspect.model import Inspection, Use
from harness.project.reader import read_project
from harness.report import words

_GROUPS = (
    ("connections", ("connection", "pipeline")),
    ("variables", ("variable", "environment")),
    ("secrets", ("secret",)),
    ("packages", ("package",)),
)


def inspect_pipelines(
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PIPELINE ...]", help="Which pipelines, or --all."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All pipelines.")] = False,  # noqa: FBT002
    project: ProjectOption = None,
    as_json: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option("--json", help="Print JSON instead (docs/inspect.schema.json)."),
    ] = False,
) -> None:
    """Say what pipelines read and write, from their source, without running anything.

    Sources, sinks, servers, variables, secrets and packages, each with file and line; what is known
    only while a block runs is a hole, {like_this}, and what cannot be seen at all is said so.

    Exit statuses: 0 looked at, whatever was found; 2 bad usage or input.
    """
    found = read_project(settings_for(project).project)
    if bool(pipelines) == every:
        raise InputError(
            "name pipelines, or --all for every one",
            evidence=[f"pipelines: {', '.join(one.uuid for one in found.pipelines)}"],
            remedy="mage-harness inspect PIPELINE",
        )
    chosen = [found.pipeline(uuid) for uuid in pipelines] if pipelines else found.pipelines
    looked = [inspect(found, one) for one in chosen]
    console = Output(soft_wrap=True)
    if as_json:
        plain = {"pipelines": [one.as_json() for one in looked]}
        console.print(json.dumps(plain, indent=2), markup=False)
        return
    for one in looked:
        _show(console, one)
    for broken in found.unreadable if every else ():
        console.print(words.text(console, f"{broken.uuid}: {broken.error.symptom}", style="red"))


def _show(console: Output, inspection: Inspection) -> None:
    services = ", ".join(inspection.services) or "none"
    head = f"{inspection.pipeline} ({inspection.type}), services: {services}"
    console.print(words.text(console, head, style="bold"))
    groups = [("reads", inspection.sources), ("writes", inspection.sinks)]
    groups += [(name, inspection.of(*kinds)) for name, kinds in _GROUPS]
    for name, uses in groups:
        if uses:
            console.print(f"  {name}", style="dim")
        for use in uses:
            console.print(words.line(console, f"    {_line(use)}"))
    if inspection.unknown:
        console.print("  cannot be seen", style="dim")
    for one in inspection.unknown:
        console.print(words.line(console, f"    {one.what}  {one.place}", style="yellow"))


def _line(use: Use) -> str:
    value = f" = {use.value}" if use.value else ""
    how = ", ".join(part for part in (use.client, use.detail) if part)
    verb = f"{use.access} " if use.kind in ("connection", "environment") else ""
    return f"{use.kind:<11} {verb}{use.name}{value}  ({how})  {use.place}"
