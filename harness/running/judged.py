"""What a run was, with its problems: the verdict on it, and what the services have of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.project.lint import lint
from harness.running.entry.choice import SKIP_SENSORS
from harness.running.entry.rows import rows_of
from harness.running.entry.skipping import with_skipped
from harness.running.folding import blocks_of, of_triggered
from harness.running.outputs import VARIABLES
from harness.running.result import PipelineRun
from harness.running.verdict import Evidence, judge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from harness.project.model import Pipeline, Project
    from harness.project.workspace import Workspace
    from harness.running.entry.choice import Choice
    from harness.running.result import ProcessResult
    from harness.running.runner import RunRequest
    from harness.services.protocol import Incident, Sink
    from harness.services.stack import Stack


def judged(
    process: ProcessResult,
    *,
    request: RunRequest,
    choice: Choice,
    pipeline: Pipeline,
    project: Project,
    workspace: Workspace,
    stack: Stack,
    before: Sequence[Sink] | None,
    accept: Mapping[str, Collection[str]],
) -> PipelineRun:
    """Judge a run that has ended.

    Args:
        process: The process of the run.
        request: What was asked of it.
        choice: By which entry it ran.
        pipeline: The pipeline that it ran.
        project: The pipeline's project.
        workspace: The folders of the run.
        stack: The services that it had.
        before: What the services held before it; None where nobody looked, and then nobody looks
            at them after it either.
        accept: For a pipeline, the codes of problems that are accepted.
    """
    incidents = stack.incidents(process.began)
    spans = [_Span.of(process, event) for event in _triggered(process.events)]
    bench = _Bench(
        project=project,
        process=process,
        data=workspace.pipelines,
        accept=accept,
    )
    own = Evidence(
        project=project,
        pipeline=pipeline,
        process=replace(process, events=of_triggered(process.events)),
        blocks=(),
        incidents=[one for one in incidents if _owner(one, spans) is None],
        only=request.asked.only,
        skip_sensors=SKIP_SENSORS in request.asked.arguments,
        entry=choice.entry,
    )
    run = bench.verdict(own)
    others = tuple(
        bench.triggered(span, [one for one in incidents if _owner(one, spans) is span])
        for span in spans
    )
    return replace(
        run,
        problems=(*run.problems, *(problem for other in others for problem in other.problems)),
        accepted=(*run.accepted, *(problem for other in others for problem in other.accepted)),
        process=process,
        entry_why=choice.why,
        triggered=others,
        sinks=()
        if before is None
        else tuple(one for one in stack.inventory() if one not in before),
    )


@dataclass(frozen=True, kw_only=True)
class _Span:
    """The time of a pipeline run that a block triggered.

    Attributes:
        number: The run's number.
        pipeline: The pipeline's uuid.
        partition: Where the run's outputs lie below the pipeline's.
        began: Seconds since the epoch.
        ended: The same; where it came to no end, that of the whole process.
    """

    number: int
    pipeline: str
    partition: str
    began: float
    ended: float

    @classmethod
    def of(cls, process: ProcessResult, start: Mapping[str, Any]) -> _Span:
        """The span of a run that began with an event."""
        ends = [
            event["at"]
            for event in process.events
            if event["event"] == "run_end" and event["number"] == start["number"]
        ]
        return cls(
            number=start["number"],
            pipeline=start["pipeline"],
            partition=start["partition"],
            began=start["at"],
            ended=ends[0] if ends else process.began + process.seconds,
        )


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """What the verdicts on all pipeline runs of one process have in common."""

    project: Project
    process: ProcessResult
    data: Path
    accept: Mapping[str, Collection[str]]

    def triggered(self, span: _Span, incidents: Sequence[Incident]) -> PipelineRun:
        """The verdict on a run that a block triggered."""
        pipeline = self.project.pipeline(span.pipeline)
        events = of_triggered(self.process.events, span.number)
        rows = rows_of(events, pipeline)
        process = replace(
            self.process,
            # It has no process of its own: the engine's word stands for its status.
            exit_status=0 if rows is not None and rows.status == "completed" else 1,
            timed_out=self.process.timed_out and rows is None,
            began=span.began,
            seconds=span.ended - span.began,
            events=events,
        )
        run = self.verdict(
            Evidence(
                project=self.project,
                pipeline=pipeline,
                process=process,
                blocks=(),
                incidents=incidents,
                entry="trigger",
            )
        )
        return replace(
            run,
            variables_folder=run.variables_folder / span.partition,
            entry_why="a block triggered it",
        )

    def verdict(self, evidence: Evidence) -> PipelineRun:
        """The verdict on a run, from its evidence without blocks and lint."""
        pipeline, events = evidence.pipeline, evidence.process.events
        rows = rows_of(events, pipeline)
        declared = {one.uuid: one for one in pipeline.blocks}
        blocks = tuple(
            replace(run, type=declared[run.uuid].type, upstream=declared[run.uuid].upstream)
            for run in blocks_of(declared, events)
        )
        if evidence.entry != "block":
            blocks = with_skipped(blocks, pipeline=pipeline, events=events, rows=rows)
        found = judge(
            replace(
                evidence,
                blocks=blocks,
                rows=rows,
                lint=lint(self.project, pipelines=[pipeline.uuid]),
            )
        )
        accept = self.accept.get(pipeline.uuid, ())
        return PipelineRun(
            pipeline=pipeline.uuid,
            blocks=blocks,
            problems=tuple(problem for problem in found if problem.code not in accept),
            accepted=tuple(problem for problem in found if problem.code in accept),
            process=evidence.process,
            variables_folder=self.data / pipeline.uuid / VARIABLES,
            entry=evidence.entry,
        )


def _triggered(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [event for event in events if event["event"] == "run_start" and "run" in event]


def _owner(incident: Incident, spans: Iterable[_Span]) -> _Span | None:
    """The innermost triggered run in whose time something happened; None for the main one."""
    around = [span for span in spans if span.began <= incident.at <= span.ended]
    return max(around, key=lambda span: span.began, default=None)
