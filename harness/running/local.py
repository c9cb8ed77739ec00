"""Mage on this machine: its own environment, and a process of its own for each run."""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial
from typing import IO, TYPE_CHECKING

from harness.clock.preload import added, check, library_in, variables
from harness.clock.sharing import shared
from harness.errors import EnvironmentNotAbleError
from harness.machine.group import ended
from harness.machine.space import explained
from harness.project.environment import MageEnvironment, ensure_environment
from harness.running.child_environment import BASE_NAMES, base_environment
from harness.running.runner import STDERR, STDOUT
from harness.tap import SITE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.project.model import Project
    from harness.project.workspace import Workspace
    from harness.running.runner import RunRequest
    from harness.running.walls import Walled, Walls
    from harness.settings import Settings

_MACHINE_NAMES = ("LD_LIBRARY_PATH", "TZDIR")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


class LocalRunner:
    """Runs Mage from the environment that is made for it.

    Args:
        settings: Which Mage, on which Python.
        project: Whose requirements the environment has.
        guardian: Gives the guardian that ends the process group should the harness be killed.
        walls: What is put up around a run.
        progress: Told in a line what is being made.
    """

    def __init__(
        self,
        settings: Settings,
        project: Project,
        *,
        guardian: Callable[[], Guardian],
        walls: Walls,
        progress: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._project = project
        self._guardian = guardian
        self._walls = walls
        self._progress = progress
        self._environment: MageEnvironment | None = None
        self._shared: dict[Path, dict[str, str]] = {}

    @property
    def mage(self) -> MageEnvironment:
        """Mage's own environment, made at the first use.

        Raises:
            EnvironmentNotAbleError: It cannot be made.
        """
        if self._environment is None:
            self._environment = ensure_environment(
                self._settings, self._project, progress=self._progress
            )
        return self._environment

    def command(self) -> tuple[str, ...]:
        """The words that start Mage."""
        return self.mage.mage

    def names(self) -> frozenset[str]:
        """The variables that every run has."""
        return BASE_NAMES | _passed_on().keys()

    def environment(self, workspace: Workspace) -> dict[str, str]:
        """Variables that every run has; the folder of Mage's interpreter leads PATH."""
        path = f"{self.mage.python.parent}:{_SYSTEM_PATH}"
        return _passed_on() | base_environment(workspace, path=path, pythonpath=str(SITE))

    def timed(self, env: Mapping[str, str], *, offset: int, folder: Path) -> dict[str, str]:
        """Variables of a process that has another time; that it works is tried out each time."""
        if folder not in self._shared:
            self._shared[folder] = shared(self._guardian())
        more = variables(offset, file=library_in(folder)) | self._shared[folder]
        timed = added(env, more)
        # Also what the project's own variables preload differs from run to run.
        check([str(self.mage.python)], timed, offset=offset)
        return timed

    def start(
        self, command: list[str], *, request: RunRequest, env: Mapping[str, str]
    ) -> LocalProcess:
        """Start a process; the guardian ends it should the harness itself be killed."""
        guardian = self._guardian()
        with (
            _private(request.folder / STDOUT) as out,
            _private(request.folder / STDERR) as err,
        ):
            popen = partial(
                _popen,
                cwd=request.project,
                env={**env, **guardian.environment()},
                out=out.fileno(),
                err=err.fileno(),
            )
            walled = self._walls.start(
                command, folder=request.folder, popen=popen, shown=request.shown
            )
        guardian.process(walled.process.pid)
        return LocalProcess(walled, guardian=guardian)


class LocalProcess:
    """One process of ``mage run`` on this machine."""

    def __init__(self, walled: Walled, *, guardian: Guardian) -> None:
        self._walled = walled
        self._process = walled.process
        self._guardian = guardian

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def ended(self, *, within: float) -> bool:
        """Whether it ends in so many seconds."""
        return ended(self._process, within=within)

    def ask_for_stacks(self) -> None:
        """Send it SIGUSR1."""
        # Not by `send_signal`: that reaps a process which has just ended, and its group with all
        # that is left in it would no longer be known by its number.
        os.kill(self._process.pid, signal.SIGUSR1)

    def end(self) -> int:
        """End the process group, and say the process's exit status.

        Raises:
            EnvironmentNotAbleError: What it tried is not told whole.
        """
        if self._process.returncode is None:
            try:
                self._walled.end()
            finally:
                self._guardian.forget_process(self._process.pid)
        return self._process.returncode


def _passed_on() -> dict[str, str]:
    """What says where this machine keeps libraries and time zones."""
    return {name: os.environ[name] for name in _MACHINE_NAMES if name in os.environ}


def _private(file: Path) -> IO[bytes]:
    """A new file that only its owner can read."""
    with explained(file, doing="running the pipeline"):
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _popen(
    command: list[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    out: int,
    err: int,
    inherited: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            umask=0o077,
            pass_fds=inherited,
        )
    except OSError as error:
        raise EnvironmentNotAbleError(
            f"mage cannot be started: {error.strerror}",
            cause=f"{command[0]} could not be run",
            evidence=[os.fspath(error.filename)] if error.filename else [],
            remedy="see what is installed with: mage-harness doctor",
        ) from error
