"""``--changed``, ``--since`` and ``--cached``: which pipelines ``mage-harness run`` leaves out."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.errors import HarnessError, InputError
from harness.plain import counted
from harness.report import words
from harness.running.plan import plan
from harness.running.variables import check_variables
from harness.selection.choosing import Chosen, choose
from harness.selection.since import LastGreen, Revision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

    from harness.report.model import RunReport
    from harness.running.session import Session
    from harness.selection.choosing import LeftOut
    from harness.selection.inputs import Inputs

ChangedOption = Annotated[
    bool,
    typer.Option(
        "--changed",
        help="Leave out pipelines of whose blocks, imports, variables, settings, contracts and "
        "fixtures nothing changed since their last green run.",
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        metavar="REV", help="Leave out pipelines of which nothing changed since a git revision."
    ),
]
CachedOption = Annotated[
    bool,
    typer.Option(
        "--cached",
        help="Let the last green run answer for a pipeline, where all inputs are the same: the "
        "day too, without --at.",
    ),
]


class Selecting:
    """Chooses the pipelines that run, and keeps what green runs depended on.

    Args:
        session: The session that runs them.
        wanted: Pipelines by uuid; empty for all of the project.
        given: What is asked of all runs, by a name for it, such as the variables.

    Attributes:
        left_out: Pipelines that need not run.

    Raises:
        ProjectError: A pipeline does not exist.
        InputError: The pipelines need each other in a circle.
        EnvironmentNotAbleError: The cache cannot be written.
    """

    def __init__(
        self, session: Session, wanted: Sequence[str], *, given: Mapping[str, Any]
    ) -> None:
        self._session = session
        self._needs = session.settings.needs
        self._planned = plan(session.project, wanted, self._needs)
        self._green = LastGreen(session.project, settings=session.settings, given=given)
        self._pool = ThreadPoolExecutor(1, "mage-harness-inputs")
        self._inputs: dict[str, Future[Inputs]] = {}
        self.left_out: tuple[LeftOut, ...] = ()

    def check(self, variables: Mapping[str, Any]) -> None:
        """Refuse variables that none of the pipelines knows, whether or not it is left out.

        Args:
            variables: Runtime variables by name.

        Raises:
            InputError: A variable is known to none, or cannot be given to Mage.
        """
        project = self._session.project
        pipelines = [project.pipeline(uuid) for uuid in self._planned]
        check_variables(variables, project=project, pipelines=pipelines)

    def steps(self, *, changed: bool, since: str | None, cached: bool) -> tuple[str, ...]:
        """The pipelines to run, needs first; what is left out is in ``left_out``.

        Args:
            changed: Whether those are left out of which nothing changed since a green run.
            since: A revision, to leave out those of which nothing changed since then.
            cached: Whether the last green run answers where all inputs are the same.

        Raises:
            InputError: More than one way is asked for, or there is no such revision.
        """
        if sum((changed, since is not None, cached)) > 1:
            raise InputError(
                "--changed, --since and --cached exclude each other",
                remedy="give one: --changed and --cached go by the last green run, --since by git",
            )
        steps = self._planned
        chosen = self._chosen(steps, changed=changed, since=since, cached=cached)
        if chosen is not None:
            for line in chosen.lines:
                self._session.progress(line)
            run = list(chosen.why)
            steps = plan(self._session.project, run, self._needs) if run else ()
            self.left_out = tuple(one for one in chosen.left_out if one.uuid not in steps)
        for uuid in steps:
            # While Mage starts: looking takes a moment.
            self._inputs[uuid] = self._pool.submit(self._green.inputs, uuid)
        return steps

    def _chosen(
        self, steps: Sequence[str], *, changed: bool, since: str | None, cached: bool
    ) -> Chosen | None:
        if since is not None:
            settings = self._session.settings
            with Revision(self._session.project, settings=settings, revision=since) as revision:
                return choose(steps, revision.unchanged)
        answer: Callable[[str], LeftOut | tuple[str, ...]]
        if cached:
            answer = self._green.cached
        elif changed:
            answer = self._green.unchanged
        else:
            return None
        return choose(steps, answer)

    def keep(self, report: RunReport) -> None:
        """Keep what each run depended on, if it was green.

        Args:
            report: The runs.

        Raises:
            EnvironmentNotAbleError: The cache has no room, or cannot be written.
        """
        for one in report.pipelines:
            try:
                inputs = self._inputs[one.uuid].result()
            except HarnessError:
                # What cannot be told is not kept: the next time it runs.
                self._green.forget(one.uuid)
                continue
            self._green.ended(one.uuid, inputs=inputs, facts=one.as_json())
        self._pool.shutdown()

    def tell(self, console: Console) -> None:
        """Say which pipelines did not run, and what proves that they need not.

        Args:
            console: Where.
        """
        for one in self.left_out:
            proof = f"{counted(len(one.inputs.parts), 'input')} as then, {one.inputs.key[:12]}"
            what = "NOT RUN" if one.facts is None else "CACHED"
            since = f"unchanged since {one.since}"
            if one.facts is not None:
                since = f"it passed on {one.since}, {_wrote(one.facts)}"
            line = f"{what}  {one.uuid}: {since} ({proof})"
            console.print(words.text(console, line, style="cyan"), soft_wrap=True)


def _wrote(facts: Mapping[str, Any]) -> str:
    sinks = facts["sinks"]
    rows = sum(sink["rows"] or 0 for sink in sinks)
    return f"{counted(rows, 'row')} in {counted(len(sinks), 'sink')}"
