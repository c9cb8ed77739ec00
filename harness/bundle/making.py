"""One bundle: everything of a run that has ended, gathered in a folder and packed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.bundle import facts
from harness.bundle.archive import pack
from harness.bundle.bounds import MIB, bound
from harness.bundle.cassettes import CASSETTES, FILES, keep_cassettes, keep_files
from harness.bundle.manifest import LeftOut
from harness.bundle.names import refused
from harness.bundle.outputs import OUTPUTS, keep_outputs
from harness.bundle.secrets import (
    known_secrets,
    require_none,
    scrub,
    without_secret_names,
    without_secrets,
)
from harness.bundle.snapshot import keep_project, keep_recipe
from harness.bundle.state import keep_state
from harness.project.io_config import NAME as IO_CONFIG
from harness.report.build import report_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.running.result import PipelineRun, ProcessResult
    from harness.running.session import Session

PROJECT, STATE, RUN, SEEDS = "project", "state", "run", "seeds"
BEFORE, AFTER = "before", "after"
_ALLOWED = "what runs may reach besides is for who opens the bundle to say"
_TEXTS = {".txt", ".jsonl", ".log"}


def make_bundle(
    session: Session,
    run: PipelineRun,
    *,
    folder: Path,
    target: Path,
    left_out: Iterable[LeftOut],
    mib: int,
) -> None:
    """Gather what belongs to a run, take secrets out, and write the archive.

    Args:
        session: Where it ran; its services hold what it left.
        run: The run.
        folder: A private folder that has the state before the run; it is filled and changed.
        target: The archive.
        left_out: What the state before the run has not.
        mib: MiB that all members may have unpacked.

    Raises:
        InputError: It would hold a secret, or be too large.
        EnvironmentNotAbleError: A service cannot be read, or there is no room.
    """
    left = [*left_out, *keep_state(session.stack, folder / STATE / AFTER, limit=mib * MIB)]
    left += _gather(session, run, folder)
    io_config = session.project.path / IO_CONFIG
    known = known_secrets(
        session.stack,
        session.settings,
        variables=run.asked.variables,
        io_config=io_config.read_text("utf-8") if io_config.is_file() else "",
    )
    left += keep_outputs(run, folder / OUTPUTS, known=known, limit=mib * MIB)
    scrubbed = scrub(folder, known=known)
    left += _unnamable(folder)
    left += bound(folder, mib=mib)
    require_none(folder, known=known)
    pack(folder, target, pipeline=run.pipeline, ok=run.ok, left_out=left, scrubbed=scrubbed)


def _gather(session: Session, run: PipelineRun, folder: Path) -> list[LeftOut]:
    settings, http = session.settings, session.stack.http
    asked = [one for one in http.requests() if one.at >= run.process.began]
    keep_cassettes(settings.fixtures / "http", asked, folder / CASSETTES)
    mapped = keep_files(settings, asked, folder / FILES)
    if (settings.fixtures / SEEDS).is_dir():
        shutil.copytree(settings.fixtures / SEEDS, folder / SEEDS)
    with tempfile.TemporaryDirectory(dir=session.stack.folder) as scratch:
        left = keep_project(session.project, folder / PROJECT, scratch=Path(scratch) / "copy")
    named = keep_recipe(session.project, settings, folder / PROJECT)
    left += [LeftOut(what=f"host {one}", why=_ALLOWED) for one in settings.allow]
    for number, process in enumerate(_processes(run)):
        _keep_texts(process, folder / RUN / f"{number:02}")
    versions = facts.versions_of(session)
    # Not as the settings say: they may name an interpreter that has another Mage.
    mage = {"mage_version": versions["mage"], "python": versions["mage_python"]}
    told = without_secrets(facts.settings_of(settings, run))
    here = {**named, "project": session.project.name, "files": mapped}
    facts.written(folder, facts.SETTINGS, {**told, **mage, **here})
    asked_for = facts.run_of(run, report_of(run), settings=settings)
    variables = without_secret_names(run.asked.variables)
    facts.written(folder, facts.RUN, {**asked_for, "variables": variables})
    facts.written(folder, facts.VERSIONS, versions)
    return left


def _unnamable(folder: Path) -> list[LeftOut]:
    """Leave out files whose names no archive may have."""
    left = []
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = file.relative_to(folder).as_posix()
        why = refused(name)
        if why:
            file.unlink()
            left.append(LeftOut(what=ascii(name), why=why))
    return left


def _processes(run: PipelineRun) -> tuple[ProcessResult, ...]:
    """The processes of a run: several where it ran block by block."""
    return run.process.steps or (run.process,)


def _keep_texts(process: ProcessResult, target: Path) -> None:
    """Copy what a process printed and told."""
    for file in sorted(process.stdout.parent.iterdir()):
        if file.is_file() and file.suffix in _TEXTS:
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(file, target / file.name)
