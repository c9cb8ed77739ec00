"""``mage-harness inspect``: what pipelines read and write, seen in their source."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import ProjectOption, settings_for
from harness.cli.output import Output
from harness.errors import InputError
from harness.init.values import resolved
from harness.inspect.inspection import inspect
from harness.inspect.model import Inspection, Use
from harness.missing.service import product
from harness.project.reader import read_project
from harness.report import words
from harness.running.child_environment import read_env_file

if TYPE_CHECKING:
    from harness.settings import Settings

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
    settings = settings_for(project)
    found = read_project(settings.project)
    if bool(pipelines) == every:
        raise InputError(
            "name pipelines, or --all for every one",
            evidence=[f"pipelines: {', '.join(one.uuid for one in found.pipelines)}"],
            remedy="mage-harness inspect PIPELINE",
        )
    chosen = [found.pipeline(uuid) for uuid in pipelines] if pipelines else found.pipelines
    environ = known_environment(settings)
    looked = [inspect(found, one, environ=environ) for one in chosen]
    console = Output(soft_wrap=True)
    if as_json:
        plain = {"pipelines": [one.as_json() for one in looked]}
        console.print(json.dumps(plain, indent=2), markup=False)
        return
    for one in looked:
        _show(console, one)
    for broken in found.unreadable if every else ():
        console.print(words.text(console, f"{broken.uuid}: {broken.error.symptom}", style="red"))


def known_environment(settings: Settings) -> dict[str, str]:
    """The variables of the settings that have the same value in every run.

    Args:
        settings: The settings; a value that a service fills in is left out.

    Raises:
        SettingsError: The file of variables cannot be read.
    """
    read = read_env_file(settings.env_file) if settings.env_file is not None else {}
    return resolved({**read, **settings.env}, gcp_project=settings.gcp_project)


def _show(console: Output, inspection: Inspection) -> None:
    services = ", ".join(one for one in inspection.services if one != "other") or "none"
    head = f"{inspection.pipeline} ({inspection.type}), services: {services}"
    console.print(words.text(console, head, style="bold"))
    others = dict.fromkeys(filter(None, map(product, inspection.uses)))
    if others:
        line = f"  not supported yet, without a private service: {', '.join(others)}"
        console.print(words.line(console, line, style="yellow"))
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
