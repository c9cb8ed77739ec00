"""From the notes of all runs to the reports that are wanted of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any

from harness.coverage.files import all_files, block_files, readable
from harness.coverage.measured import Measured
from harness.coverage.pipelines import covered
from harness.coverage.text import lines
from harness.coverage.wanted import TERM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.coverage.measured import CoveredFile
    from harness.coverage.notes import Note
    from harness.coverage.pipelines import CoveredPipeline
    from harness.coverage.wanted import Wanted
    from harness.project.model import Pipeline, Project


@dataclass(frozen=True, kw_only=True)
class Told:
    """The coverage as it is told.

    Attributes:
        lines: What is to be shown.
        pipelines: The pipelines that count.
        files: The files that count.
        percent: Of all lines and branches together, how many ran; None where no file counts.
        failed: What the percentage lacks, or an empty string; of blocks where no file counts.
    """

    lines: tuple[str, ...]
    pipelines: tuple[CoveredPipeline, ...]
    files: tuple[CoveredFile, ...] = ()
    percent: float | None = None
    failed: str = ""

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema (docs/run.schema.json)."""
        parts = {"pipelines": self.pipelines, "files": self.files, "percent": self.percent}
        facts: dict[str, Any] = json.loads(json.dumps(parts, default=_plain))
        return facts


def told(
    notes: Sequence[Note],
    *,
    projects: Sequence[Project],
    wanted: Wanted,
    pipelines: Sequence[Pipeline] | None = None,
) -> Told:
    """Tell what ran, and write the reports.

    Args:
        notes: All runs.
        projects: The projects that count.
        wanted: What is wanted.
        pipelines: The pipelines that count; all of the projects, and with them every Python file,
            if not given.

    Raises:
        InputError: A report cannot be written.
    """
    shown: list[str] = []
    ran: list[CoveredPipeline] = []
    files: set[Path] = set()
    for project in projects:
        own = [note for note in notes if note.project == project.path]
        chosen = project.pipelines if pipelines is None else pipelines
        found = covered(project, own, pipelines=chosen)
        ran += found
        shown += lines(found)
        counted = all_files(project) if pipelines is None else block_files(project, chosen)
        seen = {file for note in own for file, _ in note.arcs}
        known = readable(project, seen)
        files |= {project.within(file) for file in counted | known}
        shown += [
            f"left out, since it is no Python file here: {file}" for file in sorted(seen - known)
        ]
    if not files:
        shown += ["there is no Python code to cover", *_unwritten(wanted)]
        failed = _lacking(ran, wanted) if projects else "no Mage project was found"
        failed = failed if wanted.fail_under else ""
        return Told(lines=tuple(shown), pipelines=tuple(ran), failed=failed)
    measured = Measured(notes, files=files)
    table, percent = measured.text()
    if any(report.kind == TERM for report in wanted.reports):
        shown += ["", *table.splitlines()]
    shown.append(f"{percent:.1f} % of lines and branches ran")
    shown += _written(measured, wanted)
    failed = ""
    if wanted.fail_under is not None and percent < wanted.fail_under:
        failed = f"the coverage of {percent:.2f} % is less than {wanted.fail_under:g} %"
    return Told(
        lines=tuple(shown),
        pipelines=tuple(ran),
        files=measured.by_file(),
        percent=percent,
        failed=failed,
    )


def _lacking(pipelines: Sequence[CoveredPipeline], wanted: Wanted) -> str:
    """What the blocks lack of the least percentage: without Python they are all that can run."""
    blocks = [block for pipeline in pipelines for block in pipeline.blocks]
    ran = sum(block.runs > 0 for block in blocks)
    percent = 100 * ran / len(blocks) if blocks else 0.0
    if wanted.fail_under is None or percent >= wanted.fail_under:
        return ""
    return f"the {percent:.2f} % of blocks that ran are less than {wanted.fail_under:g} %"


def _unwritten(wanted: Wanted) -> Iterator[str]:
    """What is wanted and cannot be written: coverage.py has no report of nothing."""
    kinds = [one.kind for one in wanted.reports if one.path is not None]
    kinds += ["data"] if wanted.data is not None else []
    yield from (f"{kind}: not written, since there is nothing to cover" for kind in kinds)


def _plain(value: Any) -> Any:
    """What JSON can hold of facts: their fields, and paths as texts."""
    return vars(value) if is_dataclass(value) else str(value)


def _written(measured: Measured, wanted: Wanted) -> Iterator[str]:
    """Write what is to be written, and say where."""
    for report in wanted.reports:
        if report.path is not None:
            measured.write(report.kind, report.path)
            yield f"{report.kind}: {report.path}"
    if wanted.data is not None:
        measured.keep(wanted.data)
        yield f"data: {wanted.data}"
