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
_COLD = 3
"""How many cold runs a warm one is held against at the most."""
_BEGUN = 6
"""How many runs are asked for at the most until one is taken of a template that had another."""
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
        taken: How many runs of the last session had begun before they were asked for.
        again: How many of them were forked of a template that had forked another.
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
        self.taken = self.again = 0

    def differing(self, project: Path, pipeline: str | None = None, *, asked: Asked) -> list[str]:
        """Each line that only a cold run or only a warm one has.

        Cold runs are not all the same, if rarely: a warm one is as it is to be where it is as one of
        three is. And where this machine changes, no run is taken that had begun: then the next is.
        """
        cold = [self._run_cold(project, pipeline, asked)]
        self._notes.clear()
        others = self._run_warm(project, pipeline, asked)
        assert self._notes == [], "it was forked indeed"
        found: list[str] = []
        for other in others:
            while (different := least(cold, other)) and len(cold) < _COLD:
                cold.append(self._run_cold(project, pipeline, asked))
            found += different
        return found

    def _run_cold(self, project: Path, pipeline: str | None, asked: Asked) -> dict[str, Any]:
        with self._session(Cold(), project) as session:
            return self._facts(session, pipeline, asked)

    def _run_warm(self, project: Path, pipeline: str | None, asked: Asked) -> list[dict[str, Any]]:
        """A run that is forked when it is asked for, and those behind it, which had begun.

        The last is forked of a template that has forked another before.
        """
        before = self._warm.templates.again
        with self._session(self._warm, project) as session:
            session.expecting = True
            found = [self._facts(session, pipeline, asked)]
            self.taken = self.again = 0
            while not self.again and len(found) <= _BEGUN:
                # One that has begun meanwhile is the next to be asked for.
                self.again = self._warm.templates.again - before
                found.append(self._facts(session, pipeline, asked))
                self.taken = session.runner.ahead.taken
        return found

    def _session(self, spawner: Spawner, project: Path) -> Session:
        self._patch.setattr("harness.running.surroundings.spawner_of", lambda *_, **__: spawner)
        settings = self._settings.model_copy(update={"project": project, "accept": {}})
        return Session(settings, stack=self._stack)

    @staticmethod
    def _facts(session: Session, pipeline: str | None, asked: Asked) -> dict[str, Any]:
        session.reset()
        return facts_of(session.run(pipeline or session.project.pipelines[0].uuid, asked=asked))


def least(cold: list[dict[str, Any]], other: dict[str, Any]) -> list[str]:
    """How a run differs from that of the cold ones that is most like it."""
    return min(
        (
            [
                line
                for what in one
                for line in difflib.unified_diff(lines(one[what]), lines(other[what]), what, n=0)
            ]
            for one in cold
        ),
        key=len,
    )


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
        # Mage's readers end their last line when they are finalized: by chance, before or after.
        "stdout": "\n".join(
            filter(None, plain(run.stdout, folder).replace("...DONE", "...DONE\n").splitlines())
        ),
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
