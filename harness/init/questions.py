"""What could not be answered by the source alone: questions, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.init.looking import UNSUPPORTED
from harness.init.values import is_by_mage, suggested_number
from harness.inspect.inspection import AT_RUN_TIME, NO_FILE
from harness.missing.having import Having, lacked_by
from harness.missing.lacking import lacking
from harness.missing.want import wants
from harness.running.entry.foreseen import foreseen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from harness.init.looking import Looked
    from harness.problem import Problem
    from harness.project.model import Project
    from harness.settings import Settings

FILE = "MAGE_HARNESS_QUESTIONS.md"
# What init itself writes a value for, and asks about where it is a throw-away one.
_WRITTEN = ("missing-secret", "missing-variable")
_SHOWN = 3


@dataclass(frozen=True, kw_only=True, order=True)
class Question:
    """Something that only the author knows.

    Attributes:
        pipeline: The pipeline's uuid, or an empty string.
        what: The question, with the line to write where there is one.
        place: File and line, relative to the project; or an empty string.
    """

    pipeline: str
    what: str
    place: str = ""

    @property
    def recording(self) -> bool:
        """Whether it is about a recording that is missing."""
        return self.what.startswith("[missing-recording]")


def asked_by(problem: Problem) -> Question:
    """The question that a problem is.

    Args:
        problem: A finding of the lint, or of a run.
    """
    place = f"{problem.file}:{problem.line}" if problem.file and problem.line else problem.file
    return Question(
        pipeline=problem.pipeline, what=f"[{problem.code}] {problem.message}", place=place
    )


def questions(
    project: Project,
    looked: Iterable[Looked],
    *,
    settings: Settings,
    recorded: Iterable[str],
    held: Collection[str] = (),
) -> list[Question]:
    """What the source leaves open, in the order of the pipelines.

    Args:
        project: The project.
        looked: Its pipelines.
        settings: With the entries by which the pipelines run.
        recorded: The URLs that recordings answer, normalised.
        held: The pipelines that have a contract.
    """
    found = [
        Question(pipeline=one.uuid, what=one.error.symptom, place=f"{one.metadata}:{one.line or 1}")
        for one in project.unreadable
    ]
    seen = foreseen(project, pipelines=None, settings=settings)
    found += [asked_by(one) for one in seen.problems]
    having = Having(
        variables=frozenset(), secrets=frozenset(), urls=frozenset(recorded), lacks=lacked_by(None)
    )
    for one in looked:
        uuid = one.pipeline.uuid
        if one.pipeline.type in UNSUPPORTED:
            continue
        lacks = lacking(wants(project, one.pipeline), having, pipeline=uuid)
        asked = [asked_by(problem) for problem in lacks if problem.code not in _WRITTEN]
        found += [*asked, *_of(one, {question.place for question in asked if question.recording})]
        if not one.leaves and uuid not in held:
            what = "it is not seen what it writes: what must be there when it has run?"
            found.append(Question(pipeline=uuid, what=what, place=str(one.pipeline.metadata)))
    return list(dict.fromkeys(found))


def _of(one: Looked, recorded: Collection[str]) -> Iterator[Question]:
    """What else is open in a pipeline, where the recordings of some places are asked for."""
    uuid = one.pipeline.uuid
    for sink, use in one.missing.items():
        ending = "" if sink.service == "gcs" else ".csv"
        option = {"postgres": "--postgres URL", "bigquery": "--real-google PROJECT"}
        source = option.get(sink.service, "--gcs URL")
        record = f"record it with mage-harness record {uuid} --sources {source}, or "
        yield Question(
            pipeline=uuid,
            what=f"nothing here writes {sink.name} ({sink.service}), which is read: "
            f"{'' if sink.service == 'mysql' else record}write "
            f"fixtures/seeds/{sink.service}/{sink.name}{ending}",
            place=use.place,
        )
    for name, use in one.asked_variables.items():
        if not is_by_mage(name) and suggested_number(name) is None:
            yield Question(
                pipeline=uuid,
                what=f"the runtime variable {name} has no value: write it into VARIABLES in "
                "the test, or under variables: in metadata.yaml",
                place=use.place,
            )
    unseen: dict[str, list[str]] = {}
    for unknown in one.inspection.unknown:
        told_already = unknown.what == NO_FILE or (
            unknown.place in recorded and unknown.what.startswith(AT_RUN_TIME["url"])
        )
        if not told_already:
            unseen.setdefault(unknown.place, []).append(unknown.what)
    for place, what in unseen.items():
        each = list(dict.fromkeys(what))
        more = f"; and {len(each) - _SHOWN} more there" if len(each) > _SHOWN else ""
        told = "; ".join(each[:_SHOWN]) + more
        yield Question(pipeline=uuid, what=f"cannot be seen: {told}", place=place)


def as_markdown(found: Iterable[Question], *, project: str) -> str:
    """The file of the questions; empty where there are none.

    Args:
        found: The questions.
        project: The project's folder, which places are relative to.
    """
    by_pipeline: dict[str, list[Question]] = {}
    for one in found:
        by_pipeline.setdefault(one.pipeline or "all pipelines", []).append(one)
    if not by_pipeline:
        return ""
    lines = [
        "# Questions",
        "",
        f"What `mage-harness init` could not see in the source. Places are in `{project}`.",
    ]
    for pipeline, asked in by_pipeline.items():
        lines += ["", f"## {pipeline}", ""]
        lines += [f"- [ ] {one.what}{f' (`{one.place}`)' if one.place else ''}" for one in asked]
    return "\n".join(lines) + "\n"
