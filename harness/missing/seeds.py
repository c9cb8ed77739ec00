"""Tables and objects that source code reads, and that neither a seed nor a run has put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.inspection import inspect
from harness.inspect.stored import Sink, named, overlap, written_before
from harness.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from harness.inspect.model import Use
    from harness.project.model import Pipeline, Project

_TITLES = {
    "bigquery": "table {} in the private BigQuery",
    "gcs": "object {} in the private Cloud Storage",
    "mysql": "table {} in the private MySQL",
    "postgres": "table {} in the private PostgreSQL",
}
_SEEDS = {
    "bigquery": "bigquery/{}.csv",
    "gcs": "gcs/{}",
    "mysql": "mysql/{}.csv",
    "postgres": "postgres/{}.csv",
}
_RECORDED = ("bigquery", "gcs", "postgres")


def lacking_seeds(
    project: Project,
    pipeline: Pipeline,
    *,
    blocks: Collection[str],
    held: Iterable[tuple[str, str]],
    environ: Mapping[str, str],
) -> list[Problem]:
    """What blocks read and the services do not hold, in the order of the source; each once.

    What the pipeline itself may have written before is none of it.

    Args:
        project: The project.
        pipeline: The pipeline.
        blocks: The uuids of the blocks.
        held: What the services hold: the service, and the name that it gives it.
        environ: Variables of the environment that are known.
    """
    looked = inspect(project, pipeline, environ=environ)
    there = [_short(service, name) for service, name in held]
    wanted = {
        sink: use
        for sink, use in named(use for use in looked.sources if use.block in blocks).items()
        if sink.service in _TITLES
        if not any(_may_be(sink, one) for one in (*there, *written_before(pipeline, use, looked)))
    }
    writers = _writers(project, pipeline, wanted, environ) if wanted else {}
    return [
        Problem(
            code="missing-seed",
            message=_message(sink, pipeline.uuid, writers[sink]),
            pipeline=pipeline.uuid,
            block=use.block,
            file=use.file,
            line=use.line,
        )
        for sink, use in wanted.items()
    ]


def _short(service: str, name: str) -> Sink:
    """The name of what a service holds as sources give it: without BigQuery's project."""
    return Sink(service, name if service == "gcs" else ".".join(name.split(".")[-2:]))


def _may_be(wanted: Sink, there: Sink) -> bool:
    """Whether something is what is wanted; a table without a schema may lie in any."""
    if wanted.service == there.service == "postgres" and wanted.name.startswith("public."):
        return wanted.name.partition(".")[2] == there.name.rpartition(".")[2]
    return overlap(wanted, there)


def _writers(
    project: Project, pipeline: Pipeline, wanted: Mapping[Sink, Use], environ: Mapping[str, str]
) -> dict[Sink, list[str]]:
    """For each of what is wanted, the other pipelines of the project that write it."""
    found: dict[Sink, list[str]] = {sink: [] for sink in wanted}
    for other in project.pipelines:
        if other.uuid == pipeline.uuid:
            continue
        written = named(inspect(project, other, environ=environ).sinks)
        for sink, uuids in found.items():
            if any(overlap(sink, one) for one in written):
                uuids.append(other.uuid)
    return found


def _message(sink: Sink, pipeline: str, writers: list[str]) -> str:
    title = _TITLES[sink.service].format(sink.name)
    if writers:
        shown = ", ".join(writers)
        quoted = ", ".join(f'"{uuid}"' for uuid in writers)
        return (
            f"there is no {title}, and {shown} writes it: write {pipeline} = [{quoted}] under "
            "[tool.mage-harness.needs]"
        )
    seed = _SEEDS[sink.service].format(sink.name)
    if sink.name.endswith("/"):
        seed += "..."
    copied = f", or copy it with: mage-harness record {pipeline} --sources"
    return f"there is no {title}: put what it is to hold into fixtures/seeds/{seed}" + (
        copied if sink.service in _RECORDED else ""
    )
