"""Runs of a project both ways, cold and warm, and what differs."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from harness.running.session import Session
from harness.running.spawn import Cold

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from harness.running.asked import Asked
    from harness.running.result import PipelineRun
    from harness.running.spawn import Spawner
    from harness.running.warm.spawner import Warm
    from harness.services.stack import Stack
    from harness.settings import Settings

_CHANGING = [
    (re.compile(r"0x[0-9a-f]+"), "0x"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(\+00:00|Z)?"), "<time>"),
    (re.compile(r"\b\d+\.\d+ ?s(econds)?\b"), "<seconds>"),
    (re.compile(r"\b\d{10}\.\d+"), "<time>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<uuid>"),
    (re.compile(r"(pid|process|Thread|thread)[-= ]\d+"), r"\1 N"),
]
# How much had been printed goes with the digits of times.
_OWN = ("at", "pid", "seconds", "began", "ended", "partition", "thread", "printed")


def plain(text: str, folder: Path) -> str:
    """A text without what differs from one cold run to the next."""
    text = text.replace(str(folder), "<run>")
    for pattern, instead in _CHANGING:
        text = pattern.sub(instead, text)
    return text


class BothWays:
    """Runs of a project, cold and warm, against one stack.

    Args:
        settings: Those of the tests.
        stack: The services.
        warm: Makes the processes of warm runs.
        notes: Where it says why a run is cold.
        patch: Has sessions take one way or the other.

    Attributes:
        taken: How many runs of the last session had begun before.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        stack: Stack,
        warm: Warm,
        notes: list[str],
        patch: pytest.MonkeyPatch,
    ) -> None:
        self._settings = settings
        self._stack = stack
        self._warm = warm
        self._notes = notes
        self._patch = patch
        self.taken = 0

    def differing(self, project: Path, pipeline: str | None = None, *, asked: Asked) -> list[str]:
        """Each line that only one of two runs has, of all that is the same of two cold ones."""
        (cold,) = self._facts(Cold(), project, pipeline, asked)
        self._notes.clear()
        warm, begun = self._facts(self._warm, project, pipeline, asked)
        assert self._notes == [], "it was forked indeed"
        return [
            line
            for other in (warm, begun)
            for what in cold
            for line in difflib.unified_diff(lines(cold[what]), lines(other[what]), what, n=0)
        ]

    def _facts(
        self, spawner: Spawner, project: Path, pipeline: str | None, asked: Asked
    ) -> list[dict[str, Any]]:
        """Those of a run; and of a warm one that had begun before it was asked for."""
        self._patch.setattr("harness.running.surroundings.spawner_of", lambda *_, **__: spawner)
        settings = self._settings.model_copy(update={"project": project, "accept": {}})
        found = []
        with Session(settings, stack=self._stack) as session:
            session.expecting = spawner is self._warm
            for _ in range(1 + session.expecting):
                session.reset()
                run = session.run(pipeline or session.project.pipelines[0].uuid, asked=asked)
                found.append(facts_of(run))
            self.taken = session.expecting and session.runner.ahead.taken
        return found


def facts_of(run: PipelineRun) -> dict[str, Any]:
    """What is the same of each run of a project."""
    folder = run.process.stdout.parent.parent
    events = [
        plain(json.dumps({k: v for k, v in event.items() if k not in _OWN}, sort_keys=True), folder)
        for event in run.process.events
    ]
    return {
        "status": run.process.exit_status,
        "timed out": run.process.timed_out,
        "problems": [(one.code, one.block, one.line) for one in run.problems],
        "blocks": [(one.uuid, one.status, one.rows_in, one.rows_out) for one in run.blocks],
        # Mage's readers print an empty line when they are finalized: by chance, before or after.
        "stdout": "\n".join(filter(None, plain(run.stdout, folder).splitlines())),
        "stderr": plain(run.stderr, folder),
        "events": sorted(events),
        "outputs": outputs(run.variables_folder, folder),
    }


def outputs(variables: Path, folder: Path) -> dict[str, str]:
    """The files of the blocks' outputs: their text without times, or a hash."""
    found = {}
    for file in sorted(variables.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            try:
                shown = plain(content.decode(), folder)
            except UnicodeDecodeError:
                shown = hashlib.sha256(content).hexdigest()
            if file.suffix == ".parquet":
                shown = plain(str(pq.read_table(file).to_pylist()), folder)
            found[str(file.relative_to(variables))] = shown
    return found


def lines(value: Any) -> list[str]:
    text = value if isinstance(value, str) else json.dumps(value, indent=1, default=str)
    return text.replace("}, {", "},\n{").splitlines()
