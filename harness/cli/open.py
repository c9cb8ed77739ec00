"""``mage-harness open``: a run that failed elsewhere, with its data, here."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.bundle.making import AFTER, BEFORE
from harness.bundle.opening import Opened, bring_back, opened
from harness.bundle.outputs import OUTPUTS, kept_outputs
from harness.bundle.part import Part, part_of
from harness.bundle.unpack import unpack
from harness.cli import until_told
from harness.cli.faults import lines_of
from harness.cli.following import Following
from harness.cli.jsonfile import require_file
from harness.cli.opened import compare, say, tell_differences, tell_outputs, tell_part
from harness.cli.options import DeadlineOption, ProviderOption, RunnerOption
from harness.cli.output import Output
from harness.cli.shells import Shell, open_shell
from harness.errors import InputError
from harness.faults.declared import Faults
from harness.machine.guardian import Guardian
from harness.report.build import report_of
from harness.report.terminal import RunProgress, print_pipeline
from harness.running.session import Session
from harness.running.terminal import require_terminal
from harness.services.stack import PREFIX
from harness.up.world import ByHand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from harness.running.result import PipelineRun


_WAITING = 24 * 60 * 60.0
"""Seconds that a run may take in which somebody looks around: no deadline of a pipeline's own."""


class Moment(StrEnum):
    """A state of the services that a bundle has."""

    BEFORE = BEFORE
    AFTER = AFTER


def open_bundle(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="An archive that --bundle has written.")
    ],
    look: Annotated[
        Moment | None,
        typer.Option(
            metavar="before|after",
            help="Do not run: have the services hold what they held before or after the run, say "
            "how they are reached, and wait for Ctrl-C.",
        ),
    ] = None,
    stay: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--stay", help="After the run, keep the services as it left them until Ctrl-C."
        ),
    ] = False,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="BLOCK",
            help="Run this block and those below it only, with the outputs that the blocks above "
            "left in the bundle's run; those whose outputs are not there run first.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="BLOCK",
            help="Run this block and those above it only, and say what its outputs are.",
        ),
    ] = None,
    pdb: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--pdb",
            help="Open Python's debugger where a block fails, in the block's own file; also at "
            "breakpoint() in a block. Needs a terminal.",
        ),
    ] = False,
    shell: Annotated[
        Shell | None,
        typer.Option(
            help="After the run, or with --look in its place, open a shell among the services: "
            "psql, duckdb with a view on each block's output, or python (Mage's) with the outputs "
            "loaded.",
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Unpack into this folder, which must be empty or not there, and leave it. "
            "Default: a private one that is removed at the end.",
        ),
    ] = None,
    provider: ProviderOption = None,
    runner: RunnerOption = None,
    deadline: DeadlineOption = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write what was then and now as JSON."),
    ] = None,
) -> None:
    """Run a pipeline of a bundle again, and say whether it fails in the same way.

    The private services hold what they held before that run; variables, time, recordings and the
    version of Mage, which is made if it is not there, are the same. Problems are the same where
    code, block, file and line are.

    With --from or --until a part of it runs, each block in a process of its own, and only the
    problems of these blocks are compared.

    A bundle is code: open those that come from people whose pipelines you would run.

    Exit statuses: 0 it ended in the same way; 1 it did not; 2 bad usage, or a bundle that is not
    to be trusted; 3 the environment is not able; 130 interrupted.
    """
    require_file(json_file)
    if not bundle.is_file():
        raise InputError(
            f"there is no bundle {bundle}",
            remedy="have one made: mage-harness run --bundle FOLDER",
        )
    _refuse(look, begin or until, pdb=pdb, stay=stay, opening=shell)
    console = Output()
    options = {"provider": provider, "runner": runner, "deadline": deadline}
    with ExitStack() as ending:
        folder = _folder(into, ending)
        manifest = unpack(bundle, folder)
        unpacked = opened(folder, manifest, options=options)
        tell_differences(console, unpacked)
        if pdb and unpacked.settings.provider == "docker":
            raise InputError(
                "--pdb debugs on this machine only",
                cause="a run in a container has no terminal",
                remedy="add --provider embedded",
            )
        with (
            RunProgress(console, moving=not pdb) as progress,
            Session(unpacked.settings, progress=progress.message) as session,
        ):
            pipeline = session.project.pipeline(unpacked.pipeline)
            kept = kept_outputs(folder / OUTPUTS, pipeline)
            part = (
                part_of(pipeline, begin=begin, until=until, kept=kept) if begin or until else None
            )
            bring_back(session, unpacked, moment=look or Moment.BEFORE)
            if look is not None:
                _stay(console, session, shell, outputs=kept)
                return
            if part is not None:
                tell_part(console, part)
            run = _run(session, unpacked, progress, part=part, debugged=pdb)
            print_pipeline(console, report_of(run))
            if until is not None:
                tell_outputs(console, run, until)
            only = None if part is None else part.blocks
            same = compare(console, unpacked, run, json_file=json_file, only=only)
            if stay or shell is not None:
                left = {**kept, **kept_outputs(run.variables_folder, pipeline)}
                _stay(console, session, shell, outputs=left)
    raise typer.Exit(0 if same else 1)


def _refuse(
    look: Moment | None, part: str | None, *, pdb: bool, stay: bool, opening: Shell | None
) -> None:
    """Refuse options that contradict each other, before anything is made."""
    others = {"--from or --until": part is not None, "--pdb": pdb, "--stay": stay}
    for name in [name for name, given in others.items() if given and look is not None]:
        raise InputError(
            f"--look and {name} exclude each other",
            cause="--look does not run the pipeline",
            remedy="leave out one or the other",
        )
    if stay and opening is not None:
        raise InputError(
            "--stay and --shell exclude each other",
            cause="a shell keeps the services as long as it is open",
            remedy="leave out one or the other",
        )
    if pdb:
        require_terminal("--pdb")


def _folder(into: Path | None, ending: ExitStack) -> Path:
    if into is None:
        guardian = ending.enter_context(Guardian())
        folder = guardian.make_folder(prefix=PREFIX)
        ending.callback(guardian.delete, folder)
        return folder
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise InputError(f"the folder {into} is not empty", remedy="name another one")
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    return into.absolute()


def _run(
    session: Session,
    unpacked: Opened,
    progress: RunProgress,
    *,
    part: Part | None,
    debugged: bool,
) -> PipelineRun:
    pipeline = session.project.pipeline(unpacked.pipeline)
    asked = replace(unpacked.asked, inventory=True)
    if part is not None:
        asked = replace(asked, block=None, blocks=part.blocks, given=part.given)
    if debugged:
        asked = replace(asked, debugged=True, deadline=_WAITING)
    blocks = [block.uuid for block in pipeline.blocks] if part is None else part.blocks
    progress.pipeline_started(pipeline.uuid, blocks)
    with Faults(session) as faults:
        for one in unpacked.faults:
            one.declare(faults)
        run = session.run(pipeline.uuid, asked=asked, on_event=Following(progress))
        for line in lines_of(faults.account()):
            progress.message(f"note: {line}")
    progress.pipeline_ended(run.ok, run.seconds)
    return run


def _stay(
    console: Console, session: Session, shell: Shell | None, *, outputs: Mapping[str, Path]
) -> None:
    """Keep the services as long as the shell is open, or until Ctrl-C without one."""
    if shell is not None:
        open_shell(shell, session, outputs=outputs)
        return
    by_hand = ByHand(project=session.project, stack=session.stack, settings=session.settings)
    with by_hand:
        for line in by_hand.lines(by_hand.opened()):
            say(console, line)
        say(console, "Ctrl-C ends it.")
        until_told()
