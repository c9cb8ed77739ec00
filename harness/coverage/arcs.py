"""What the tap saw run, line by line."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness.errors import InputError
from harness.running.runner import ARCS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.running.result import PipelineRun

Arc = tuple[int, int]
"""Two lines, one after the other; where a function begins or ends, one is that of its first,
negative. These are coverage.py's own."""


class Place(NamedTuple):
    """Where code is.

    Attributes:
        file: The file, relative to the project; absolute, as in the run, where it is outside of it.
        pipeline: The uuid of the pipeline whose block it is; empty for a module that blocks import.
        block: The block's uuid; empty for such a module.
    """

    file: Path
    pipeline: str
    block: str


def arcs_of(run: PipelineRun) -> dict[Place, frozenset[Arc]]:
    """The arcs of a run, and of the runs that it triggered, by the place of the code.

    Args:
        run: A run with ``Asked(coverage=True)``, or of a session that notes its runs.
    """
    found: defaultdict[Place, set[Arc]] = defaultdict(set)
    file = run.process.stdout.parent / ARCS
    if file.exists():
        for line in file.read_text("utf-8").splitlines():
            facts = json.loads(line)
            before, after = facts["arc"]
            place = Place(Path(facts["file"]), facts["pipeline"], facts["block"])
            found[place].add((before, after))
    return {place: frozenset(arcs) for place, arcs in found.items()}


def lines_of(run: PipelineRun) -> Mapping[Path, frozenset[int]]:
    """The lines of the project's code that ran, by file relative to the project.

    Args:
        run: A run with ``Asked(coverage=True)``, or of a session that notes its runs.

    Raises:
        InputError: Nobody collected its lines.
    """
    if not (run.process.stdout.parent / ARCS).exists():
        raise InputError(
            f"which lines of {run.pipeline} ran is not known",
            remedy="have them collected: session.run(pipeline, asked=Asked(coverage=True))",
        )
    found: defaultdict[Path, set[int]] = defaultdict(set)
    for place, arcs in arcs_of(run).items():
        found[place.file].update(line for arc in arcs for line in arc if line > 0)
    return {file: frozenset(lines) for file, lines in found.items()}
