"""``mage-harness init``: a first set of tests for a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.init_run import fill_in
from harness.cli.inspect import known_environment
from harness.cli.options import settings_for
from harness.cli.output import Output
from harness.errors import InputError
from harness.init.drafts import Draft, write
from harness.init.places import project_in, root_of
from harness.init.proposal import Proposal, proposal, questions_draft
from harness.plain import counted
from harness.project.reader import read_project
from harness.pyproject import find
from harness.report import words
from harness.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from harness.init.questions import Question
    from harness.project.model import Project

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def init(
    project: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PROJECT]",
            help="The Mage project's folder, or one that has it some levels down. Default: the "
            "current folder.",
        ),
    ] = None,
    force: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--force", help="Overwrite files that are there.")
    ] = False,
    dry_run: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--dry-run", help="Show the difference, and write nothing.")
    ] = False,
    run: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--run",
            help="Then record what the pipelines fetch, which asks the real web; run each; write "
            "contracts for those that succeed; and make a question of each failure.",
        ),
    ] = False,
) -> None:
    """Look at a Mage project and write its tests.

    One file a pipeline under tests/, contracts that name what it must leave behind, the section
    [tool.mage-harness] of pyproject.toml (what is there stays), a workflow for GitHub, and
    MAGE_HARNESS_QUESTIONS.md: what could not be seen, each with its place in the source. Nothing
    runs and nothing goes out, unless --run is given. Files that are there are not overwritten.

    mage-harness init ~/code/my_repository

    Exit statuses: 0 written, whatever is asked; 1 with --run: a pipeline failed; 2 bad usage or
    input; 3 the environment is not able; 130 interrupted.
    """
    if dry_run and run:
        raise InputError("--dry-run writes nothing, and --run does", remedy="leave one out")
    named = (project or Path()).absolute()
    found = read_project(project_in(named))
    root = root_of(found.path, named=named)
    settings = _settings(found.path, root=root)
    made = proposal(found, settings, root=root, environ=known_environment(settings))
    console = Output(soft_wrap=True)
    if dry_run:
        _show(console, made, root=root, project=found)
        _ask(console, made.questions)
        return
    written, kept = write(made.drafts, force=force)
    failures: list[Question] = []
    first = questions_draft(made.questions, root=root, project=found)
    more, still = write([first] if first is not None else [], force=force)
    if run:
        failures = fill_in(console, found, made, force=force)
        settings = _settings(found.path, root=root)
        made = proposal(found, settings, root=root, environ=known_environment(settings))
        ours = {draft.file for draft in written if draft.file.suffix == ".py"}
        write([draft for draft in made.drafts if draft.file in ours], force=True)
    failed = {one.pipeline for one in failures}
    # A run that failed has told what it lacks.
    rest = [one for one in made.questions if not (one.recording and one.pipeline in failed)]
    # What the lint finds is a problem of a run, too.
    asked = tuple(dict.fromkeys((*failures, *rest)))
    last = questions_draft(asked, root=root, project=found)
    if run and not still:
        more = _again(more, last)
    for draft in (*written, *more):
        console.print(f"written: {draft.file.relative_to(root)}", markup=False)
    for draft in (*kept, *still):
        shown = draft.file.relative_to(root)
        console.print(f"kept as it is: {shown} (--force overwrites it)", markup=False)
    _ask(console, asked)
    raise typer.Exit(1 if failures else 0)


def _settings(project: Path, *, root: Path) -> Settings:
    """Those of the folder that gets the tests, or what they are when it has none yet."""
    file = find(root)
    if file is not None and file.parent == root:
        found = settings_for(project)
        return found.model_copy(update={"fixtures": root / found.fixtures})
    return Settings(project=project, fixtures=root / "fixtures")


def _again(before: list[Draft], now: Draft | None) -> list[Draft]:
    """Write the questions once more, or take away those that no run has left open."""
    if now is None:
        for draft in before:
            draft.file.unlink()
        return []
    return write([now], force=True)[0] or before


def _show(console: Console, made: Proposal, *, root: Path, project: Project) -> None:
    last = questions_draft(made.questions, root=root, project=project)
    for draft in (*made.drafts, *([last] if last is not None else [])):
        for line in draft.difference(root=root):
            console.print(words.line(console, line, style=_STYLES.get(line[:1], "")))


def _ask(console: Console, asked: Iterable[Question]) -> None:
    told = list(asked)
    if not told:
        console.print("no questions are open: run pytest", markup=False)
        return
    console.print(f"{counted(len(told), 'question')}:", markup=False)
    for one in told:
        head = " ".join(part for part in (one.pipeline, one.place) if part)
        console.print(words.line(console, f"  {head}: {one.what}" if head else f"  {one.what}"))
