"""The runs of a command or a test session, kept until their page is written."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError, InputError
from harness.machine.space import FULL
from harness.page.clean import Cleaner
from harness.page.facts import RunFacts
from harness.page.gather import facts_of
from harness.page.kept import Kept, kept_runs
from harness.page.limits import Budget
from harness.page.render import page
from harness.page.sections import Section
from harness.page.versions import packages, surroundings
from harness.running.secrets import known_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.page.earlier import Earlier
    from harness.project.model import Project
    from harness.report.model import PipelineReport
    from harness.running.result import PipelineRun
    from harness.running.session import Session


@dataclass(frozen=True, kw_only=True)
class Told:
    """A run that is to be on the page.

    Attributes:
        report: The report on it.
        facts: What was taken of it; nothing where it did not run.
        heading: What stands over it; the pipeline's uuid if empty.
        failure: What else failed, as a test says it; empty where nothing did.
    """

    report: PipelineReport
    facts: RunFacts = field(default_factory=RunFacts)
    heading: str = ""
    failure: str = ""

    def failed_by(self, failure: str) -> Told:
        """The same run, with what else failed."""
        return replace(self, failure=failure)


class Page:
    """Takes facts of runs while they are there, and writes one file in the end.

    Args:
        file: The file. What it was is replaced at once, so that nobody takes it for this one.
        option: The option that names it, for messages.
        against: Earlier runs, to be shown beside these; None for none.

    Raises:
        InputError: It cannot be written there.
        EnvironmentNotAbleError: There is no room.
    """

    def __init__(self, file: Path, *, option: str, against: Earlier | None = None) -> None:
        self.file = file
        self._against = against
        self._option = option
        self._budget = Budget()
        self._lock = threading.Lock()
        self._upstream: dict[str, Mapping[str, Sequence[str]]] = {}
        self._known: set[str] = set()
        self._where: tuple[list[tuple[str, str]], list[str]] = ([], [])
        self._write(page((), verdict="not finished", kept=Kept(format=1)))

    def take(
        self, session: Session, run: PipelineRun, *, variables: Mapping[str, Any] | None = None
    ) -> RunFacts:
        """Take what a page shows of a run; call it before anything else runs in the session.

        Args:
            session: The session that ran it.
            run: The run.
            variables: Its runtime variables.
        """
        known = known_to(session, variables or {})
        facts = facts_of(
            run,
            project=session.project,
            services=session.stack.services.values(),
            clean=Cleaner(known),
            budget=self._budget,
        )
        with self._lock:
            self._known |= known
            self.draw(session.project)
            if not self._where[0]:
                self._where = surroundings(session), packages(session)
        return facts

    def draw(self, project: Project) -> None:
        """Take how the blocks of a project's pipelines hang together.

        Args:
            project: The project.
        """
        for pipeline in project.pipelines:
            self._upstream[pipeline.uuid] = {one.uuid: one.upstream for one in pipeline.blocks}

    def write(self, told: Sequence[Told], *, ok: bool) -> None:
        """Write the page.

        Args:
            told: What is on it, in order.
            ok: The verdict on all.

        Raises:
            InputError: It cannot be written there.
            EnvironmentNotAbleError: There is no room.
        """
        clean = Cleaner(self._known)
        sections = [
            Section.of(
                one.report,
                one.facts,
                upstream=self._upstream,
                clean=clean,
                heading=one.heading,
                failure=one.failure,
            )
            for one in told
        ]
        flat = [inner for one in sections for inner in one.flat()]
        (where, installed), against = self._where, self._against
        kept = Kept(
            format=1,
            runs=kept_runs(flat, clean),
            surroundings=tuple(where),
            packages=tuple(installed),
        )
        self._write(
            page(
                flat,
                verdict="passed" if ok else "failed",
                kept=kept,
                comparison=None if against is None else against.beside(kept, clean),
            )
        )

    def _write(self, html: str) -> None:
        try:
            _replace(self.file, html.encode("utf-8", "backslashreplace"))
        except OSError as error:
            full = error.errno in FULL
            raise (EnvironmentNotAbleError if full else InputError)(
                f"the report cannot be written to {self.file}",
                cause=error.strerror or str(error),
                remedy=f"free space there, or name another file with {self._option}"
                if full
                else "name a file in a folder that is there and can be written, with "
                f"{self._option}",
            ) from error


def _replace(file: Path, content: bytes) -> None:
    """Write a file as a whole or not at all; it is its owner's alone, since it holds data."""
    number, name = tempfile.mkstemp(dir=file.parent, prefix=".mage-harness-report-")
    try:
        with os.fdopen(number, "wb") as new:
            new.write(content)
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
