"""What ``mage-harness init --run`` adds: recordings, contracts, and a question for each failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from harness.cli.options import settings_for
from harness.cli.record import record
from harness.cli.worlds import drafted
from harness.contracts.store import keep, shown
from harness.errors import InputError
from harness.init.contractfile import filled_in
from harness.init.questions import Question, asked_by

if TYPE_CHECKING:
    from rich.console import Console

    from harness.init.proposal import Proposal
    from harness.project.model import Project


def fill_in(
    console: Console,
    project: Project,
    made: Proposal,
    *,
    force: bool,
) -> list[Question]:
    """Record and run pipelines, and write contracts for those that succeed.

    Args:
        console: Where progress and failures are shown.
        project: The project.
        made: What was written for it: the pipelines, and contracts that no run has filled in yet,
            which alone are replaced.
        force: Whether contracts that somebody wrote are replaced too.

    Returns:
        A question for each failure.

    Raises:
        EnvironmentNotAbleError: Mage or a service cannot be started.
    """
    placeholders = {draft.file: draft.text for draft in made.drafts}
    asked: list[Question] = []
    for uuid in made.pipelines:
        if made.fetches(uuid):
            asked += _recorded(project, uuid)
        settings = settings_for(project.path)
        try:
            failed, proposals = drafted(console, settings, [uuid], variables={}, once=False)
        except InputError as error:
            asked.append(_question(uuid, error))
            continue
        asked += [asked_by(problem) for report in failed for problem in report.problems]
        for one in proposals:
            mine = one.before in ("", placeholders.get(one.file))
            if mine or force:
                keep(one.file, filled_in(one.after))
                console.print(f"written: {shown(one.file)}", markup=False)
            elif one.before != one.after:
                console.print(f"kept as it is: {shown(one.file)}", markup=False)
    return asked


def _recorded(project: Project, uuid: str) -> list[Question]:
    """Record a pipeline; one that fails then fails in its run, too, which tells it."""
    try:
        record(pipeline=uuid, project=project.path)
    except typer.Exit:
        return []
    except InputError as error:
        return [_question(uuid, error)]
    return []


def _question(uuid: str, error: InputError) -> Question:
    parts = [error.symptom, error.cause, *error.evidence, error.remedy]
    return Question(pipeline=uuid, what="; ".join(part for part in parts if part))
