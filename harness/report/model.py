"""The facts of a run, as plain data; the JSON form is published in docs/run.schema.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.contracts.difference import ContractReport
    from harness.problem import Problem
    from harness.services.protocol import Column, Sink


@dataclass(frozen=True, kw_only=True)
class BlockReport:
    """One block.

    Attributes:
        uuid: The block's uuid.
        status: ``completed``, ``failed``, ``running`` (when the run was ended), ``skipped`` (on
            purpose) or ``not run``.
        rows_in: Rows of all inputs together, or None where no input has rows.
        rows_out: Rows of all outputs together, or None where no output has rows.
        dropped: Rows that it took in and did not return; None where that cannot be counted.
        added: Rows that it returned beyond those taken in; None where that cannot be counted.
        seconds: How long it took, or None where it did not end.
        attempts: How often it was begun; more than once where it was tried again.
        children: For a block below a dynamic one, how many children of it ran.
        skipped: Why it, or some of its children, need not have run; or empty.
    """

    uuid: str
    status: str
    rows_in: int | None = None
    rows_out: int | None = None
    dropped: int | None = None
    added: int | None = None
    seconds: float | None = None
    attempts: int = 0
    children: int = 0
    skipped: str = ""

    @property
    def course(self) -> str:
        """The status with what else is to be said of how it came about."""
        more = [
            f"{self.children} children" if self.children > 1 else "",
            f"{self.attempts} attempts" if self.attempts > 1 else "",
            self.skipped,
        ]
        said = ", ".join(filter(None, more))
        return f"{self.status}: {said}" if said else self.status


@dataclass(frozen=True, kw_only=True)
class SinkReport:
    """Something that the pipeline wrote.

    Attributes:
        service: ``postgres``, ``gcs`` or ``bigquery``.
        name: The name in the service's own terms.
        rows: Number of rows, or None where the content is not tabular.
        columns: The columns in order; empty where the content is not tabular.
    """

    service: str
    name: str
    rows: int | None
    columns: tuple[Column, ...] = ()

    @classmethod
    def from_sink(cls, sink: Sink) -> Self:
        """The report of a sink that a service described."""
        return cls(service=sink.service, name=sink.name, rows=sink.rows, columns=sink.columns)

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema."""
        return {
            "service": self.service,
            "name": self.name,
            "rows": self.rows,
            "columns": [{"name": column.name, "type": column.type} for column in self.columns],
        }


@dataclass(frozen=True, kw_only=True)
class PipelineReport:
    """One pipeline's run.

    Attributes:
        uuid: The pipeline's uuid.
        ok: The verdict; also whether the contract holds.
        seconds: How long it took.
        blocks: Every block, whether or not it ran.
        problems: Why the verdict is not a success.
        sinks: What was found in the services afterwards.
        at: The moment that it was given for the time; None for the real time.
        contract: How the run was held to its contract; None where it has none.
        entry: By which entry it ran, as ``PipelineRun`` has it; empty where it did not.
        entry_why: Why by this one; empty where it is the usual one.
        triggered: The runs of the pipelines that its blocks triggered.
        faults: The declared faults that its calls met, as they are published.
    """

    uuid: str
    ok: bool
    seconds: float
    blocks: tuple[BlockReport, ...] = ()
    problems: tuple[Problem, ...] = ()
    sinks: tuple[SinkReport, ...] = ()
    at: str | None = None
    contract: ContractReport | None = None
    entry: str = ""
    entry_why: str = ""
    triggered: tuple[PipelineReport, ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema."""
        return {
            "uuid": self.uuid,
            "ok": self.ok,
            "at": self.at,
            "entry": self.entry,
            "entry_why": self.entry_why,
            "seconds": self.seconds,
            "blocks": [asdict(block) for block in self.blocks],
            "problems": [problem.as_json() for problem in self.problems],
            "sinks": [sink.as_json() for sink in self.sinks],
            "contract": None if self.contract is None else self.contract.as_json(),
            "triggered": [one.as_json() for one in self.triggered],
            "faults": list(self.faults),
        }


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """Everything that one command ran.

    Attributes:
        pipelines: The pipelines, in the order in which they ran.
        coverage: What of their code ran, as it is published; None where nobody asked.
        left_out: The pipelines that need not run, as they are published.
        declared_faults: The faults of ``--fault``, as they are published.
    """

    pipelines: tuple[PipelineReport, ...] = ()
    coverage: Mapping[str, Any] | None = None
    left_out: tuple[Mapping[str, Any], ...] = ()
    declared_faults: tuple[Mapping[str, Any], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether something ran or need not, and all that ran succeeded."""
        return bool(self.pipelines or self.left_out) and all(
            pipeline.ok for pipeline in self.pipelines
        )

    @property
    def ran(self) -> bool:
        """Whether something ran or need not, and all succeeded, whatever the contracts say."""
        return bool(self.pipelines or self.left_out) and not any(
            one.problems for one in self.pipelines
        )

    def as_json(self) -> dict[str, Any]:
        """The whole object of the published schema."""
        return {
            "pipelines": [pipeline.as_json() for pipeline in self.pipelines],
            "coverage": self.coverage,
            "left_out": list(self.left_out),
            "declared_faults": list(self.declared_faults),
        }
