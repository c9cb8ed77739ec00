"""What answers for a pipeline's run: the last green one, or the state of a revision."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from harness.errors import HarnessError
from harness.project.reader import read_project
from harness.selection.choosing import LeftOut
from harness.selection.green import Green, GreenRuns
from harness.selection.looking import Looking
from harness.selection.revision import as_it_was, table_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from harness.project.model import Project
    from harness.selection.inputs import Inputs
    from harness.settings import Settings

_MINUTE = "%Y-%m-%d %H:%M UTC"


class LastGreen:
    """The last green runs of a project's pipelines.

    Args:
        project: The project.
        settings: How its pipelines are run.
        given: What is asked of the runs besides, by a name for it, such as their variables.
    """

    def __init__(self, project: Project, *, settings: Settings, given: Mapping[str, Any]) -> None:
        self._runs = GreenRuns(settings.cache, project=project.path)
        self._looking = Looking(project, settings=settings, key=self._runs.key())
        self._settings = settings
        self._given = given
        self._known: dict[str, Inputs] = {}

    def inputs(self, pipeline: str) -> Inputs:
        """What a run of a pipeline depends on; looked at once.

        Args:
            pipeline: The pipeline's uuid.
        """
        if pipeline not in self._known:
            self._known[pipeline] = self._looking.inputs(pipeline, given=self._given)
        return self._known[pipeline]

    def unchanged(self, pipeline: str) -> LeftOut | tuple[str, ...]:
        """Whether all is as it was in the last green run.

        Args:
            pipeline: The pipeline's uuid.

        Returns:
            How it is left out, or the lines that say why it is not.
        """
        found = self._compared(pipeline)
        return found if isinstance(found, tuple) else _left_out(found)

    def cached(self, pipeline: str) -> LeftOut | tuple[str, ...]:
        """Whether the last green run answers for one that would be made now.

        Where no ``at`` is set, the day is an input too.

        Args:
            pipeline: The pipeline's uuid.

        Returns:
            How it is answered, or the lines that say why it is not.
        """
        found = self._compared(pipeline)
        if isinstance(found, tuple):
            return found
        if self._settings.at is None and found.at[:10] != datetime.now(UTC).isoformat()[:10]:
            return ("it ran on another day, and no --at is given",)
        return _left_out(found, facts=found.facts)

    def ended(self, pipeline: str, *, inputs: Inputs, facts: Mapping[str, Any]) -> None:
        """Keep what a run found, or forget the one before if it was not green.

        Args:
            pipeline: The pipeline's uuid.
            inputs: What it depended on.
            facts: What it found, as ``--json`` has it.
        """
        if not facts["ok"]:
            self.forget(pipeline)
            return
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._runs.keep(Green(pipeline=pipeline, inputs=inputs, at=at, facts=facts))

    def forget(self, pipeline: str) -> None:
        """Whatever is known of a pipeline's last run answers for none any more.

        Args:
            pipeline: The pipeline's uuid.
        """
        self._runs.forget(pipeline)

    def _compared(self, pipeline: str) -> Green | tuple[str, ...]:
        last = self._runs.last(pipeline)
        if last is None:
            return ("no green run of it is known",)
        lines = self.inputs(pipeline).since(last.inputs)
        return lines or last


class Revision:
    """A project as it was at a revision of git; a context manager.

    Args:
        project: The project as it is.
        settings: How its pipelines are run.
        revision: The revision's name.
    """

    def __init__(self, project: Project, *, settings: Settings, revision: str) -> None:
        self._project = project
        self._settings = settings
        self._revision = revision
        self._open = ExitStack()
        self._why = ""

    def __enter__(self) -> Self:
        """Have git give the project as it was.

        Raises:
            InputError: The project is in no repository, or there is no such revision.
        """
        then = self._open.enter_context(as_it_was(self._settings, self._revision))
        self._now = Looking(self._project, settings=self._settings)
        try:
            self._then = Looking(read_project(then.project), settings=then)
            self._tables = (table_at(self._settings.project), table_at(then.project))
        except HarnessError as error:
            self._why = f"as it was at {self._revision}, it cannot be read: {error.symptom}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def unchanged(self, pipeline: str) -> LeftOut | tuple[str, ...]:
        """Whether all that a pipeline depends on is as it was at the revision.

        Args:
            pipeline: The pipeline's uuid.

        Returns:
            How it is left out, or the lines that say why it is not.
        """
        if self._why:
            return (self._why,)
        now, then = self._tables
        inputs = self._now.inputs(pipeline, given={"[tool.mage-harness]": now})
        try:
            before = self._then.inputs(pipeline, given={"[tool.mage-harness]": then})
        except HarnessError as error:
            return (f"at {self._revision}: {error.symptom}",)
        return inputs.since(before) or LeftOut(uuid=pipeline, since=self._revision, inputs=inputs)


def _left_out(green: Green, *, facts: Mapping[str, Any] | None = None) -> LeftOut:
    moment = datetime.fromisoformat(green.at).strftime(_MINUTE)
    return LeftOut(uuid=green.pipeline, since=moment, inputs=green.inputs, facts=facts)
