"""A run on GitHub Actions: annotations at a block's file and line, and a summary of the job.

How commands are written and escaped is that of ``@actions/toolkit`` (packages/core/src/command.ts).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.plain import readable
from harness.report.github_summary import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MOST = 10
"""GitHub shows so many errors of a step; what is beyond them stands in the summary."""
_LARGEST_SUMMARY = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """What GitHub shows beside a line.

    Attributes:
        title: In a few words.
        message: All of it; may have lines.
        file: The file, absolute; or None.
        line: The line in it, counted from 1; or None.
    """

    title: str
    message: str
    file: Path | None = None
    line: int | None = None

    def command(self, root: Path) -> str:
        """The line of the log that makes GitHub show it.

        Args:
            root: The repository's folder; a file outside of it is not named.
        """
        named = {}
        place = _within(self.file, root)
        if place:
            named["file"] = place
            if self.line is not None:
                named["line"] = str(self.line)
        named["title"] = readable(self.title)
        told = ",".join(f"{name}={_property(value)}" for name, value in named.items())
        shown = "\n".join(readable(line) for line in self.message.splitlines())
        return f"::error {told}::{_data(shown)}"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job of GitHub Actions.

    Attributes:
        root: The repository's folder.
        summary: The file that the job's summary is appended to; None where there is none.
    """

    root: Path
    summary: Path | None

    @contextlib.contextmanager
    def foreign_text(self) -> Iterator[None]:
        """What is printed meanwhile is no command, whatever it holds."""
        token = secrets.token_hex(16)
        _say(f"::stop-commands::{token}")
        try:
            yield
        finally:
            _say(f"::{token}::")

    def tell(
        self,
        pipelines: Sequence[Mapping[str, Any]],
        *,
        project: Path,
        say: Callable[[str], None] | None = None,
        more: Sequence[Annotation] = (),
    ) -> None:
        """Annotate what is wrong, and append to the summary.

        Args:
            pipelines: As they are published (docs/run.schema.json).
            project: The Mage project, to which their files are relative.
            say: Writes a line to the log; standard output if not given.
            more: Further annotations, behind those of the pipelines.
        """
        found = [one for facts in pipelines for one in annotations_of(facts, project=project)]
        found = sorted([*found, *more], key=lambda one: one.file is None or one.line is None)
        for one in found[:MOST]:
            (say or _say)(one.command(self.root))
        if self.summary is not None and (pipelines or more):
            text = summary(
                pipelines,
                place=lambda file: _within(project / file, self.root),
                more=[(one.title, one.message) for one in more],
            )
            _append(self.summary, text)


def job(environ: Mapping[str, str] | None = None) -> Job | None:
    """The job that this process belongs to; None where it is not on GitHub Actions.

    Args:
        environ: ``os.environ`` if not given.
    """
    environ = os.environ if environ is None else environ
    if environ.get("GITHUB_ACTIONS") != "true":
        return None
    file = environ.get("GITHUB_STEP_SUMMARY")
    return Job(
        root=Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()),
        summary=Path(file) if file else None,
    )


def annotations_of(facts: Mapping[str, Any], *, project: Path) -> Iterator[Annotation]:
    """What is wrong with a pipeline's run, at the lines that it concerns.

    Args:
        facts: A pipeline as it is published.
        project: The Mage project.
    """
    for problem in facts["problems"]:
        about = ", ".join(filter(None, (facts["uuid"], problem["block"])))
        yield Annotation(
            title=f"{about}: {problem['code']}",
            message=problem["message"],
            file=project / problem["file"] if problem["file"] else None,
            line=problem["line"],
        )
    contract = facts["contract"] or {"differences": ()}
    for one in contract["differences"]:
        about = ", ".join(filter(None, (one["sink"], one["column"])))
        yield Annotation(
            title=f"{facts['uuid']}: contract",
            message=f"{about}: {one['rule']}: expected {one['expected']}, found {one['found']}",
            file=Path(contract["file"]).absolute(),
            line=one["line"],
        )


def _append(summary_file: Path, text: str) -> None:
    try:
        with summary_file.open("a", encoding="utf-8") as file:
            # GitHub shows nothing of a summary that is larger.
            if file.tell() + len(text.encode()) <= _LARGEST_SUMMARY:
                file.write(text)
    except OSError as error:
        _say(f"note: the job's summary cannot be written: {error.strerror}")


def _within(file: Path | None, root: Path) -> str:
    """The file as the repository has it; empty where it is none of the repository's."""
    if file is None:
        return ""
    real, top = file.resolve(), root.resolve()
    return real.relative_to(top).as_posix() if real.is_relative_to(top) else ""


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _say(line: str) -> None:
    # What is printed by others stands before it.
    sys.stdout.flush()
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(f"{line.encode(encoding, 'replace').decode(encoding)}\n")
    sys.stdout.flush()
