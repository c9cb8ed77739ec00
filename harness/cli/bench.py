"""``mage-harness bench``: what the harness costs here, beside what it replaces."""

from __future__ import annotations

import time
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from harness.bench.baseline import Baseline
from harness.bench.containers import compare_containers, require_engine
from harness.bench.data import compare_data
from harness.bench.footprint import compare_footprints
from harness.bench.machine import describe
from harness.bench.runs import compare_runs, compare_warm
from harness.bench.stacks import compare_stacks
from harness.bench.suite import compare_suites
from harness.bench.table import table_of
from harness.cli.jsonfile import require_file, write_json
from harness.cli.options import ProjectOption, ProviderOption, settings_for
from harness.cli.output import Output
from harness.errors import EnvironmentNotAbleError
from harness.project.environment import ensure_environment
from harness.project.reader import read_project
from harness.report.terminal import print_table
from harness.running.plan import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.bench.samples import Comparison
    from harness.settings import Settings


class Part(StrEnum):
    """What is measured."""

    RUNS = "runs"
    WARM = "warm"
    DATA = "data"
    SERVICES = "services"
    SUITE = "suite"
    CONTAINERS = "containers"
    MEMORY = "memory"


def bench(
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PIPELINE ...]", help="Which pipelines. Default: all."),
    ] = None,
    project: ProjectOption = None,
    part: Annotated[
        list[Part] | None,
        typer.Option(
            "--part",
            help="Measure this only: runs (beside the bare `mage run`), warm (runs beside cold "
            "ones), data (a month of trips beside the bare `mage run`), services (their start and "
            "reset), suite (beside new services for each test), containers (services and suite "
            "beside containers) or memory. May be given several times.",
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, metavar="N", help="Rounds that count.")] = 5,
    provider: ProviderOption = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write every value of every round as JSON."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Compare the ratios with what --json wrote earlier: end with 1 if one got worse "
            "by more than its noise.",
        ),
    ] = None,
) -> None:
    """Measure what the harness costs on this machine, always beside what it replaces.

    Both are measured in each round, so that a busy machine slows both down; the ratio is taken
    within each round. The part `containers` needs a Docker engine: where none answers, it is left
    out, unless it is asked for by --part. With --provider docker, runs and services are measured
    in containers.

    Exit statuses: 0 measured; 1 a ratio got worse than --against says; 2 bad usage or input; 3 the
    environment is not able; 130 interrupted.
    """
    require_file(json_file)
    # Progress must not end up in a table that is redirected to a file.
    notes, console = Console(stderr=True), Output()
    began = time.monotonic()

    def progress(line: str) -> None:
        notes.print(f"{time.monotonic() - began:6.0f} s  {line}", highlight=False, markup=False)

    baseline = None if against is None else Baseline(against)
    settings = settings_for(project, provider=provider)
    read = read_project(settings.project)
    wanted = plan(read, pipelines or (), settings.needs)
    mage = ensure_environment(settings, read, progress=progress)
    machine = describe(mage=mage.version)
    found = _measured(settings, wanted, part, rounds, progress)
    of_machine = " · ".join(f"{name}: {value}" for name, value in machine.items())
    console.print(of_machine, soft_wrap=True)
    print_table(console, table_of(found, rounds=rounds))
    if json_file is not None:
        facts = [one.facts() for one in found]
        write_json(json_file, {"machine": machine, "rounds": rounds, "comparisons": facts})
    lines = [] if baseline is None else baseline.worse(found)
    for name in () if baseline is None else baseline.unknown(found):
        console.print(f"not in {against}: {name}", soft_wrap=True)
    for line in lines:
        console.print(f"WORSE  {line}", style="bold red", soft_wrap=True)
    raise typer.Exit(1 if lines else 0)


def _measured(
    settings: Settings,
    pipelines: Sequence[str],
    parts: Sequence[Part] | None,
    count: int,
    progress: Callable[[str], None],
) -> list[Comparison]:
    """All comparisons; where no part is asked for, without containers if no engine answers."""
    alone = [uuid for uuid in pipelines if not settings.needs.get(uuid)]
    # What is set beside a plain `mage run` begins as that does; the parts of warm runs say so.
    settings = settings.model_copy(update={"runner": "cold"})
    ways: dict[Part, Callable[..., list[Comparison]]] = {
        Part.RUNS: partial(compare_runs, settings, alone),
        Part.WARM: partial(compare_warm, settings),
        Part.DATA: partial(compare_data, settings),
        Part.SERVICES: partial(compare_stacks, settings),
        Part.SUITE: partial(compare_suites, settings, pipelines),
        Part.CONTAINERS: partial(compare_containers, settings, pipelines),
        Part.MEMORY: partial(compare_footprints, settings, pipelines),
    }
    wanted = set(parts or Part)
    if Part.CONTAINERS in wanted:
        try:
            require_engine()
        except EnvironmentNotAbleError as error:
            if parts:
                raise
            progress(f"note: the part `containers` is left out: {error.symptom}")
            wanted.remove(Part.CONTAINERS)
    return [
        one
        for part, measure in ways.items()
        if part in wanted
        for one in measure(count=count, progress=progress)
    ]
