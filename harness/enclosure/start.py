"""A command within walls: how it is started, and what is said where that is not possible."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from harness.enclosure.gate import Gate
from harness.enclosure.plan import Enclosure
from harness.errors import EnvironmentNotAbleError
from harness.machine.group import end_group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.machine.group import Led

_LOADER = "import sys; sys.path.insert(0, sys.argv.pop(1)); from wall.enter import main; main()"
_PATIENCE = 60.0
_PIECE = 1 << 16


class NotPermittedError(Exception):
    """This machine gives no network namespace; the text is the reason."""


class Popen(Protocol):
    """Starts a command that leads its own group, and inherits some descriptors."""

    def __call__(
        self, command: list[str], *, inherited: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes] | Led:
        """Start it."""


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """A command that runs within walls.

    Attributes:
        process: Its process.
        gate: Stands outside, and tells of attempts.
        lacking: Why the walls are not whole: attempts are refused, and less well told; empty
            where they are.
    """

    process: subprocess.Popen[bytes] | Led
    gate: Gate
    lacking: str


def start_enclosed(
    command: Sequence[str], enclosure: Enclosure, *, events: Path, folder: Path, popen: Popen
) -> Enclosed:
    """Start a command within walls, and return when it runs.

    Args:
        command: The command.
        enclosure: The walls.
        events: The file that attempts are told in, as events of the run.
        folder: A private folder that is there; one is made in it.
        popen: Starts a process that leads its own group; its number will be the command's.

    Raises:
        NotPermittedError: This machine gives no namespace.
        EnvironmentNotAbleError: The command, or a host that is allowed, is not to be found, or
            the walls cannot be put up.
    """
    if sys.platform != "linux":
        raise NotPermittedError(f"{sys.platform} has no network namespaces")
    reading, writing = os.pipe()
    near, far = socket.socketpair()
    inherited = (writing, far.fileno())
    facts = {
        **asdict(enclosure),
        "said": writing,
        "line": far.fileno(),
        "events": str(events),
        "folder": str(folder / "enclosure"),
    }
    try:
        try:
            with far:
                process = popen([*_loader(facts), *command], inherited=inherited)
        finally:
            os.close(writing)
        try:
            lacking = _await_entry(reading)
        except BaseException:
            # Also for Ctrl-C: nobody else knows of it yet.
            end_group(process)
            raise
    except BaseException:
        near.close()
        raise
    finally:
        os.close(reading)
    return Enclosed(process=process, gate=Gate(near), lacking=lacking)


def _loader(facts: Mapping[str, Any]) -> list[str]:
    """The beginning of the command line, before the command."""
    # Bare and apart from what the project has for modules: that is quick.
    python = [sys.executable, "-I", "-S", "-c", _LOADER]
    return [*python, str(Path(__file__).parent), json.dumps(facts)]


def without_loader(command: Sequence[str]) -> tuple[dict[str, Any] | None, list[str]]:
    """Take a command line apart that ``start_enclosed`` has made.

    Args:
        command: The command line.

    Returns:
        The facts of the walls, None where it has no loader; and the command within.
    """
    length = len(_loader({}))
    if list(command[: length - 1]) != _loader({})[:-1]:
        return None, list(command)
    return json.loads(command[length - 1]), list(command[length:])


def _await_entry(reading: int) -> str:
    """Return when the command runs within walls, with what they lack."""
    said: dict[str, str] = {}
    for line in _all_of(reading).splitlines():
        said |= json.loads(line)
    if "refused" in said:
        raise NotPermittedError(said["refused"])
    if "broken" in said:
        raise EnvironmentNotAbleError(
            f"the walls around a run could not be put up: {said['broken']}",
            remedy='set network = "guard" to do without them',
        )
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
    return str(said.get("lacking", ""))


def _all_of(reading: int) -> bytes:
    content = b""
    until = time.monotonic() + _PATIENCE
    while select.select([reading], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(reading, _PIECE)
        if not piece:
            return content
        content += piece
    raise EnvironmentNotAbleError(
        f"the walls around a run were not up after {_PATIENCE:.0f} seconds",
        remedy='see whether names are looked up slowly here, or set network = "guard"',
    )


def not_permitted(reason: str) -> EnvironmentNotAbleError:
    """The error for a machine that gives no namespace, or no whole walls, where they are asked for.

    Args:
        reason: What the system said.
    """
    make = (
        "let this user make network namespaces (user.max_user_namespaces, and on Ubuntu "
        "kernel.apparmor_restrict_unprivileged_userns), or set"
        if sys.platform == "linux"
        else "run it on Linux, in a container (--provider docker), or set"
    )
    return EnvironmentNotAbleError(
        "this machine gives pipelines no network of their own",
        cause=reason,
        remedy=f'{make} network = "auto" to do with what there is',
    )


def refusal() -> str:
    """Why this machine gives no network namespace; empty where it does.

    Raises:
        EnvironmentNotAbleError: It does, and yet no walls can be put up.
    """
    return _tried()[0]


def lacking() -> str:
    """Why the walls are not whole on this machine; empty where they are, or there are none.

    Raises:
        EnvironmentNotAbleError: They cannot be put up.
    """
    return _tried()[1]


@cache
def _tried() -> tuple[str, str]:
    with tempfile.TemporaryDirectory(prefix="mage-harness-enclosure-") as folder:
        place = Path(folder)
        try:
            trial = start_enclosed(
                ["true"], Enclosure(), events=place / "events", folder=place, popen=_quiet
            )
        except NotPermittedError as error:
            return str(error), ""
        end_group(trial.process, last=trial.gate.end)
    return "", trial.lacking


def _quiet(command: list[str], *, inherited: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        pass_fds=inherited,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
