"""What a project's pipelines need in order to be tested, by their source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.inspect.following import REQUIRED
from harness.inspect.inspection import inspect
from harness.inspect.stored import Sink, certain, named, overlap, written_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.inspect.model import Inspection, Use
    from harness.project.model import Pipeline, Project

UNSUPPORTED = ("integration", "pyspark", "streaming")
"""Types of pipelines that the harness does not run."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One pipeline.

    Attributes:
        pipeline: The pipeline.
        inspection: What its source says.
        leaves: What it writes for certain, each with where.
        takes: What it reads and does not write before, each with where.
        needs: The pipelines that write what it takes, as far as they make no circle.
        missing: What it takes and no pipeline writes.
    """

    pipeline: Pipeline
    inspection: Inspection
    leaves: Mapping[Sink, Use]
    takes: Mapping[Sink, Use]
    needs: tuple[str, ...] = ()
    missing: Mapping[Sink, Use] = field(default_factory=dict)

    @property
    def asked_variables(self) -> dict[str, Use]:
        """Runtime variables that a block fails without and the pipeline does not set."""
        return {
            use.name: use
            for use in self.inspection.of("variable")
            if use.detail == REQUIRED and not use.pattern
            if use.name not in self.pipeline.variables
        }


def look(project: Project, *, environ: Mapping[str, str]) -> list[Looked]:
    """Look at every pipeline that has blocks.

    Args:
        project: The project.
        environ: Variables of the environment that are known.
    """
    found = [_one(project, one, environ) for one in project.pipelines if one.blocks]
    needs: dict[str, tuple[str, ...]] = {}
    for one in found:
        writers = {
            other.pipeline.uuid
            for sink in one.takes
            for other in found
            if other is not one
            and other.pipeline.type not in UNSUPPORTED
            and any(overlap(sink, written) for written in named(other.inspection.sinks))
        }
        kept = [uuid for uuid in sorted(writers) if one.pipeline.uuid not in closure(uuid, needs)]
        needs[one.pipeline.uuid] = tuple(kept)
    return [
        Looked(
            pipeline=one.pipeline,
            inspection=one.inspection,
            leaves=one.leaves,
            takes=one.takes,
            needs=needs[one.pipeline.uuid],
            missing={
                sink: use
                for sink, use in one.takes.items()
                if not any(
                    overlap(sink, written)
                    for other in found
                    if other is not one
                    for written in named(other.inspection.sinks)
                )
            },
        )
        for one in found
    ]


def closure(
    uuid: str, needs: Mapping[str, Iterable[str]], *, above: tuple[str, ...] = ()
) -> list[str]:
    """All that must have run before a pipeline, in order, and itself as the last.

    Args:
        uuid: The pipeline.
        needs: For a pipeline, those that must have run before it.
        above: Those that need it, which are left out where they make a circle.
    """
    found: list[str] = []
    for need in needs.get(uuid, ()):
        if need not in (*above, uuid):
            inner = closure(need, needs, above=(*above, uuid))
            found += [one for one in inner if one not in found]
    return [*found, uuid]


def _one(project: Project, pipeline: Pipeline, environ: Mapping[str, str]) -> Looked:
    inspection = inspect(project, pipeline, environ=environ)
    leaves = certain(inspection.sinks)
    takes = {
        sink: use
        for sink, use in named(inspection.sources).items()
        if not any(overlap(sink, one) for one in written_before(pipeline, use, inspection))
    }
    return Looked(pipeline=pipeline, inspection=inspection, leaves=leaves, takes=takes)
