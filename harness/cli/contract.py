"""``mage-harness contract``: what pipelines leave behind, as files that runs are held to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import (
    DeadlineOption,
    FileOption,
    ProjectOption,
    ProviderOption,
    VariablesOption,
    YesOption,
    pairs,
    settings_for,
)
from harness.cli.output import Output
from harness.cli.settling import settle, show_difference
from harness.cli.worlds import drafted, held
from harness.contracts.export import Target, exported
from harness.contracts.model import Service
from harness.contracts.reader import read_document
from harness.contracts.store import contract_file, contracts_folder
from harness.errors import InputError
from harness.project.reader import read_project
from harness.running.variables import parse_assignments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.settings import Settings

app = typer.Typer(
    name="contract",
    help="What pipelines leave behind, as files that are reviewed, and that runs are held to "
    "(docs/contracts.md).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

PipelinesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PIPELINE ...]", help="Which pipelines, or --all."),
]
AllOption = Annotated[bool, typer.Option("--all", help="All pipelines of the project.")]


@app.command("write")
def write(
    pipelines: PipelinesArgument = None,
    every: AllOption = False,  # noqa: FBT002 - an option of the command line
    project: ProjectOption = None,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    file: FileOption = None,
    provider: ProviderOption = None,
    once: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option("--once", help="Run it only once: nothing new is found to be volatile."),
    ] = False,
    yes: YesOption = False,  # noqa: FBT002 - an option of the command line
) -> None:
    """Run pipelines and write their contracts: what each sink holds.

    Each runs twice in emptied services, after what it needs; what differs between the runs is
    declared as volatile. A contract that is there is shown with what would change, and written
    after a question; its comments stay. Nothing is written from a run that failed.

    Exit statuses: 0 written; 1 a pipeline failed, or a contract was not written; 2 bad usage or
    input; 3 the environment is not able; 130 interrupted.
    """
    settings = _settings(project, deadline=deadline, provider=provider, file=file)
    chosen = _chosen(settings, pipelines, every=every)
    console = Output()
    failed, proposals = drafted(console, settings, chosen, variables=_given(var), once=once)
    kept = [settle(console, proposal, yes=yes) for proposal in proposals]
    raise typer.Exit(1 if failed or not all(kept) else 0)


@app.command("check")
def check(
    pipelines: PipelinesArgument = None,
    every: AllOption = False,  # noqa: FBT002 - an option of the command line
    project: ProjectOption = None,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    file: FileOption = None,
    provider: ProviderOption = None,
) -> None:
    """Run pipelines, each in emptied services, and hold them to their contracts.

    Unlike `mage-harness run`, it takes a contract that is not there for a mistake.

    Exit statuses: 0 all hold; 1 a pipeline failed, or a contract does not hold; 2 bad usage or
    input; 3 the environment is not able; 130 interrupted.
    """
    settings = _settings(project, deadline=deadline, provider=provider, file=file)
    chosen = _chosen(settings, pipelines, every=every)
    ok, _ = held(Output(), settings, chosen, variables=_given(var))
    raise typer.Exit(0 if ok else 1)


@app.command("diff")
def diff(
    pipelines: PipelinesArgument = None,
    every: AllOption = False,  # noqa: FBT002 - an option of the command line
    project: ProjectOption = None,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    file: FileOption = None,
    provider: ProviderOption = None,
) -> None:
    """Run pipelines, and show what `--update-contracts` would change, without writing it.

    Exit statuses: 0 nothing; 1 something, or a pipeline failed; 2 bad usage or input; 3 the
    environment is not able; 130 interrupted.
    """
    settings = _settings(project, deadline=deadline, provider=provider, file=file)
    chosen = _chosen(settings, pipelines, every=every)
    console = Output()
    ok, proposals = held(console, settings, chosen, variables=_given(var))
    for proposal in proposals:
        show_difference(console, proposal)
    raise typer.Exit(0 if ok else 1)


@app.command("export")
def export(
    pipelines: PipelinesArgument = None,
    every: AllOption = False,  # noqa: FBT002 - an option of the command line
    to: Annotated[
        Target,
        typer.Option(
            help="dbt: sources with data tests, for dbt 1.8 and later. bigquery: the schema of "
            "one sink, as `bq load --schema` takes it."
        ),
    ] = Target.DBT,
    sink: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of which sink, where there are several (bigquery)."),
    ] = None,
    service: Annotated[
        Service | None,
        typer.Option(help="Of which service's sinks; dbt is told of one database."),
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Say what contracts say in another tool's terms, on the standard output. Nothing runs.

    Exit statuses: 0 done; 2 bad usage or input.
    """
    settings = settings_for(project)
    if every:
        files = sorted(contracts_folder(settings).glob("*.yaml"))
    else:
        files = [contract_file(settings, uuid) for uuid in _chosen(settings, pipelines)]
    contracts = [read_document(file).contract for file in files]
    Output().out(exported(contracts, to=to, sink=sink, service=service), end="", highlight=False)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a contract's file, for editors; `write` puts it beside contracts."""
    from harness.contracts.schema import schema_text  # noqa: PLC0415

    Output().out(schema_text(), end="", highlight=False)


def _settings(project: Path | None, *, file: list[str] | None, **options: Any) -> Settings:
    return settings_for(project, files=pairs("--file", file), **options)


def _given(var: list[str] | None) -> dict[str, Any]:
    return parse_assignments(var or ())


def _chosen(
    settings: Settings, pipelines: Sequence[str] | None, *, every: bool = False
) -> list[str]:
    project = read_project(settings.project)
    known = [pipeline.uuid for pipeline in project.pipelines]
    if every:
        return known
    if not pipelines:
        raise InputError(
            "no pipeline is named",
            evidence=[f"there are: {', '.join(known) or 'none'}"],
            remedy="name some, or add --all",
        )
    return [project.pipeline(uuid).uuid for uuid in dict.fromkeys(pipelines)]
