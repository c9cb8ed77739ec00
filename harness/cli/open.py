"""``mage-harness open``: a run that failed elsewhere, with its data, here."""

from __future__ import annotations

import platform
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.bundle.making import AFTER, BEFORE
from harness.bundle.opening import Opened, bring_back, opened, places
from harness.bundle.unpack import unpack
from harness.cli import until_told
from harness.cli.faults import lines_of
from harness.cli.following import Following
from harness.cli.jsonfile import require_file, write_json
from harness.cli.options import DeadlineOption, ProviderOption, RunnerOption
from harness.cli.output import Output
from harness.errors import InputError
from harness.faults.declared import Faults
from harness.machine.guardian import Guardian
from harness.plain import visible
from harness.report.build import report_of
from harness.report.terminal import RunProgress, print_pipeline
from harness.running.session import Session
from harness.services.stack import PREFIX
from harness.up.world import ByHand

if TYPE_CHECKING:
    from rich.console import Console

    from harness.bundle.opening import Place
    from harness.running.result import PipelineRun


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
    console = Output()
    options = {"provider": provider, "runner": runner, "deadline": deadline}
    with ExitStack() as ending:
        folder = _folder(into, ending)
        manifest = unpack(bundle, folder)
        unpacked = opened(folder, manifest, options=options)
        _tell_differences(console, unpacked)
        with (
            RunProgress(console) as progress,
            Session(unpacked.settings, progress=progress.message) as session,
        ):
            bring_back(session, unpacked, moment=look or Moment.BEFORE)
            if look is not None:
                _wait(console, session)
            run = _run(session, unpacked, progress)
            print_pipeline(console, report_of(run))
            same = _compare(console, unpacked, run, json_file=json_file)
            if stay:
                _wait(console, session)
    raise typer.Exit(0 if same else 1)


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


def _run(session: Session, unpacked: Opened, progress: RunProgress) -> PipelineRun:
    pipeline = session.project.pipeline(unpacked.pipeline)
    progress.pipeline_started(pipeline.uuid, [block.uuid for block in pipeline.blocks])
    asked = replace(unpacked.asked, inventory=True)
    with Faults(session) as faults:
        for one in unpacked.faults:
            one.declare(faults)
        run = session.run(pipeline.uuid, asked=asked, on_event=Following(progress))
        for line in lines_of(faults.account()):
            progress.message(f"note: {line}")
    progress.pipeline_ended(run.ok, run.seconds)
    return run


def _compare(
    console: Console, unpacked: Opened, run: PipelineRun, *, json_file: Path | None
) -> bool:
    then, now = unpacked.problems, places(run.problems)
    same = then == now
    if same:
        _say(console, "same: it failed in the same way" if now else "same: it succeeded again")
    else:
        _say(console, "different: it did not end in the same way")
        for words, found in (("only then", then - now), ("only now", now - then)):
            for one in sorted(map(_shown, found)):
                _say(console, f"  {words}: {one}")
    if json_file is not None:
        listed = {"then": then, "now": now}
        facts = {
            name: [
                dict(zip(("code", "block", "file", "line"), one, strict=True))
                for one in sorted(found, key=_shown)
            ]
            for name, found in listed.items()
        }
        write_json(json_file, {"pipeline": run.pipeline, "same": same, **facts})
    return same


def _tell_differences(console: Console, unpacked: Opened) -> None:
    manifest, then = unpacked.manifest, unpacked.versions
    for what, now in (
        ("harness", version("mage-harness")),
        ("python", platform.python_version()),
        ("platform", platform.platform()),
    ):
        if then.get(what) != now:
            _say(console, f"note: {what} was {then.get(what)}, and is {now} here")
    for one in manifest.left_out:
        _say(console, f"note: not in the bundle: {one.what}: {one.why}")
    for name in manifest.scrubbed:
        _say(console, f"note: secrets were taken out of {name}")


def _wait(console: Console, session: Session) -> None:
    by_hand = ByHand(project=session.project, stack=session.stack, settings=session.settings)
    with by_hand:
        for line in by_hand.lines(by_hand.opened()):
            _say(console, line)
        _say(console, "Ctrl-C ends it.")
        until_told()


def _shown(place: Place) -> str:
    code, block, file, line = place
    return f"[{code}] {block} {file}:{line}" if line else f"[{code}] {block} {file}".rstrip()


def _say(console: Console, line: str) -> None:
    # What a bundle says is not to move the terminal's cursor.
    console.print(visible(line), markup=False, highlight=False, soft_wrap=True)
