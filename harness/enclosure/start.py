"""A command within walls: how it is started, and what is said where that is not possible."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from harness.enclosure.plan import Enclosure
from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOADER = "import sys; sys.path.insert(0, sys.argv.pop(1)); from wall.enter import main; main()"
_PATIENCE = 60.0
_PIECE = 1 << 16


class NotPermittedError(Exception):
    """This machine gives no network namespace; the text is the reason."""


def enclosed(
    command: Sequence[str], enclosure: Enclosure, *, events: Path, folder: Path, said: int
) -> list[str]:
    """The command line that runs a command within walls; its process number stays the same.

    Args:
        command: The command.
        enclosure: The walls.
        events: The file that attempts are told in, as events of the run.
        folder: A private folder that is there; one is made in it.
        said: The writing end of a pipe, which the command line must inherit; see ``await_entry``.
    """
    facts = {
        "said": said,
        "doors": enclosure.doors,
        "places": enclosure.places,
        "hidden": enclosure.hidden,
        "events": str(events),
        "folder": str(folder / "enclosure"),
    }
    # Bare and apart from what the project has for modules: that is quick.
    python = [sys.executable, "-I", "-S", "-c", _LOADER, str(Path(__file__).parent)]
    return [*python, json.dumps(facts), *command]


def await_entry(reading: int) -> None:
    """Return when the command runs within walls.

    Args:
        reading: The reading end of the pipe.

    Raises:
        NotPermittedError: This machine gives no namespace.
        EnvironmentNotAbleError: The command, or a host that is allowed, is not to be found.
    """
    content = b""
    while select.select([reading], [], [], _PATIENCE)[0]:
        piece = os.read(reading, _PIECE)
        if not piece:
            break
        content += piece
    else:
        raise EnvironmentNotAbleError(
            f"the walls around a run were not up after {_PATIENCE:.0f} seconds",
            remedy='see whether names are looked up slowly here, or set network = "guard"',
        )
    said = json.loads(content) if content else {}
    if "refused" in said:
        raise NotPermittedError(said["refused"])
    if "unknown" in said:
        raise EnvironmentNotAbleError(
            f"a host that pipelines are to reach is not known here: {said['unknown']}",
            remedy="correct it under allow in [tool.mage-harness], or leave it out",
        )
    if "failed" in said:
        raise EnvironmentNotAbleError(
            f"mage cannot be started: {said['failed']}",
            cause=f"{said['program']} could not be run",
            remedy="see what is installed with: mage-harness doctor",
        )


def not_permitted(reason: str) -> EnvironmentNotAbleError:
    """The error for a machine that gives no namespace where one is asked for.

    Args:
        reason: What the system said.
    """
    return EnvironmentNotAbleError(
        "this machine gives pipelines no network of their own",
        cause=reason,
        remedy="let this user make network namespaces (user.max_user_namespaces, and on Ubuntu "
        'kernel.apparmor_restrict_unprivileged_userns), or set network = "auto" to do with the '
        "guard alone",
    )


@cache
def refusal() -> str:
    """Why this machine gives no network namespace; empty where it does."""
    if sys.platform != "linux":
        return f"{sys.platform} has no network namespaces"
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory(prefix="mage-harness-enclosure-") as folder:
        place = Path(folder)
        try:
            command = enclosed(
                ["true"], Enclosure(), events=place / "events", folder=place, said=writing
            )
            trial = subprocess.Popen(
                command,
                pass_fds=[writing],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            os.close(writing)
            try:
                await_entry(reading)
            except NotPermittedError as error:
                return str(error)
            finally:
                _end(trial)
        finally:
            os.close(reading)
    return ""


def _end(trial: subprocess.Popen[bytes]) -> None:
    """End the trial's gate too, which waits for the end of the group."""
    from harness.machine.group import end_group  # noqa: PLC0415

    end_group(trial)
