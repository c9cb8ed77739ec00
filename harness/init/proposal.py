"""All that is written for a project: tests, contracts, settings, a workflow, questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.contracts.store import contract_file
from harness.init import questions as asking
from harness.init import workflow
from harness.init.contractfile import contract_text
from harness.init.drafts import Draft
from harness.init.looking import UNSUPPORTED, closure, look
from harness.init.settingsfile import NAME, image_version, settings_text, wanted_variables
from harness.init.testfile import file_names, test_text
from harness.init.values import THROW_AWAY, resolved, suggested
from harness.missing.having import answered
from harness.replay.cassette import load_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.init.questions import Question
    from harness.project.model import Project
    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What would be written.

    Attributes:
        drafts: The files, but that of the questions.
        questions: What could not be answered.
        pipelines: The pipelines that tests are written for and that can be run, needs first.
    """

    drafts: tuple[Draft, ...]
    questions: tuple[Question, ...]
    pipelines: tuple[str, ...]

    def fetches(self, pipeline: str) -> bool:
        """Whether a pipeline asks for a URL that nobody has recorded.

        Args:
            pipeline: The pipeline's uuid.
        """
        return any(one.recording and one.pipeline == pipeline for one in self.questions)


def proposal(
    project: Project, settings: Settings, *, root: Path, environ: Mapping[str, str]
) -> Proposal:
    """Look at a project and draw up its tests.

    Args:
        project: The project.
        settings: The settings that it has so far.
        root: The folder that gets pyproject.toml and tests/.
        environ: Variables of the environment that are known.

    Raises:
        InputError: A file that is there cannot be read.
    """
    given = {
        name: suggested(name) or THROW_AWAY
        for name in wanted_variables(look(project, environ=environ))
    }
    known = {**resolved(given, gcp_project=settings.gcp_project), **environ}
    looked = look(project, environ=known)
    needs = {
        one.pipeline.uuid: tuple(settings.needs.get(one.pipeline.uuid, one.needs)) for one in looked
    }
    recorded = answered(
        [*(one.url for one in load_all(settings.fixtures / "http")), *settings.files]
    )
    text, asked = settings_text(
        root / NAME,
        looked,
        project=project.path.relative_to(root).as_posix(),
        version=image_version(project.path, root),
        needs=needs,
    )
    names = file_names(one.pipeline.uuid for one in looked)
    drafts = [Draft(file=root / NAME, text=text, merged=True)]
    for one in looked:
        uuid = one.pipeline.uuid
        runs = one.pipeline.type not in UNSUPPORTED
        file = contract_file(settings, uuid)
        if one.leaves and runs:
            drafts.append(Draft(file=file, text=contract_text(uuid, one.leaves)))
        contract = runs and (bool(one.leaves) or file.exists())
        drafts.append(
            Draft(
                file=root / "tests" / names[uuid],
                text=test_text(one, needs=needs, contract=contract),
            )
        )
    drafts.append(Draft(file=root / workflow.FILE, text=workflow.workflow_text("tests")))
    held = [
        one.pipeline.uuid for one in looked if contract_file(settings, one.pipeline.uuid).exists()
    ]
    found = [
        *asking.questions(project, looked, settings=settings, recorded=recorded, held=held),
        *asked,
    ]
    supported = dict.fromkeys(
        uuid
        for one in looked
        if one.pipeline.type not in UNSUPPORTED
        for uuid in closure(one.pipeline.uuid, needs)
    )
    return Proposal(drafts=tuple(drafts), questions=tuple(found), pipelines=tuple(supported))


def questions_draft(found: tuple[Question, ...], *, root: Path, project: Project) -> Draft | None:
    """The file of the questions, or None where there are none.

    Args:
        found: The questions.
        root: The folder that gets it.
        project: The project.
    """
    shown = project.path.relative_to(root).as_posix()
    text = asking.as_markdown(found, project=shown)
    return Draft(file=root / asking.FILE, text=text) if text else None
