"""Mage in the stack's container: each run is an exec in it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.running.child_environment import BASE_NAMES, base_environment
from harness.services.docker.mage import INSIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.containers.execution import Execution
    from harness.project.workspace import Workspace
    from harness.running.runner import RunRequest
    from harness.services.docker.mage import MageContainer

_POLL = 0.01
_LOOK = 0.25
"""Seconds between two looks whether the container is still there."""
_START_SECONDS = 30.0
_ASK_END = "ask-end"
_END_SECONDS = 15.0


class ContainerRunner:
    """Runs Mage as the project's image has it.

    Args:
        container: Gives the container, started.
    """

    def __init__(self, container: Callable[[], MageContainer]) -> None:
        self._container = container

    def command(self) -> tuple[str, ...]:
        """The command ``mage`` of the image."""
        self._container()
        return ("mage",)

    def names(self) -> frozenset[str]:
        """The variables that every run has, and those of the image."""
        return BASE_NAMES | self._container().variables.keys()

    def environment(self, workspace: Workspace) -> dict[str, str]:
        """Variables that every run has; PATH and PYTHONPATH go on with the image's own."""
        image = self._container().variables
        python_path = [f"{INSIDE}/site", *filter(None, [image.get("PYTHONPATH")])]
        variables = base_environment(
            workspace, path=image.get("PATH", ""), pythonpath=":".join(python_path)
        )
        # The user may have no entry in the image's /etc/passwd, and then no name.
        return {"USER": "mage", "LOGNAME": "mage"} | variables

    def timed(self, env: Mapping[str, str], *, offset: int, folder: Path) -> dict[str, str]:
        """None: its services have the real time.

        Raises:
            EnvironmentNotAbleError: Always.
        """
        del env, offset, folder
        raise EnvironmentNotAbleError(
            "pipelines in containers cannot have another time than the real one",
            remedy="leave out `at`, or --provider docker",
        )

    def start(
        self, command: list[str], *, request: RunRequest, env: Mapping[str, str]
    ) -> ContainerProcess:
        """Start a process under a small supervisor; see ``tap/container/supervise.py``."""
        container = self._container()
        # Apart from what the image and the project have for modules, and without the tap.
        python = ["python3", "-I", "-S", f"{INSIDE}/container/supervise.py"]
        supervised = [*python, str(request.folder), *command]
        try:
            execution = container.execute(supervised, env=env, folder=request.project)
            process = ContainerProcess(container, execution, folder=request.folder)
            process.await_start()
        except BaseException:
            # Also for Ctrl-C: nobody is left who would end it.
            (request.folder / _ASK_END).touch()
            raise
        return process


class ContainerProcess:
    """One process of ``mage run`` in the container, known by the files of its run's folder."""

    def __init__(self, container: MageContainer, execution: Execution, *, folder: Path) -> None:
        self._container = container
        self._execution = execution
        self._folder = folder
        self._looked = time.monotonic()
        self.pid = 0

    def await_start(self) -> None:
        """Return when the process has a number.

        Raises:
            EnvironmentNotAbleError: It cannot be started.
            ServiceError: The container is gone.
        """
        until = time.monotonic() + _START_SECONDS
        while (facts := self._facts("process.json")) is None:
            failed = self._facts("ended.json")
            if failed is not None:
                raise EnvironmentNotAbleError(
                    f"mage cannot be started in the container: {failed.get('error')}",
                    cause=f"the image {self._container.image} has no command {failed.get('what')}",
                    remedy="install mage-ai in the Dockerfile, or name an image that has it as "
                    "mage in [tool.mage-harness.images]",
                )
            self._look()
            if time.monotonic() > until:
                raise ServiceError(
                    f"nothing was started in the Mage container in {_START_SECONDS:.0f} seconds",
                    remedy="see whether the engine answers: docker ps",
                )
            time.sleep(_POLL)
        self.pid = int(facts["pid"])

    def ended(self, *, within: float) -> bool:
        """Whether it ends, with its group, in so many seconds.

        Raises:
            ServiceError: The container, or the supervisor in it, is gone.
        """
        until = time.monotonic() + within
        while not (self._folder / "ended.json").exists():
            self._look()
            if time.monotonic() > until:
                return False
            time.sleep(_POLL)
        return True

    def ask_for_stacks(self) -> None:
        """Ask the supervisor to send it SIGUSR1."""
        (self._folder / "ask-stacks").touch()

    def end(self) -> int:
        """Have the supervisor end the group, and say the process's exit status.

        Raises:
            ServiceError: The container is gone, or the group does not end.
        """
        (self._folder / _ASK_END).touch()
        if not self.ended(within=_END_SECONDS):
            raise ServiceError(
                "the run in the Mage container does not end",
                cause=f"its processes were asked to, and then killed, {_END_SECONDS:.0f} s ago",
                remedy="see whether the engine answers: docker ps",
            )
        facts = self._facts("ended.json") or {}
        return int(facts["status"])

    def _facts(self, name: str) -> dict[str, Any] | None:
        try:
            facts: dict[str, Any] = json.loads((self._folder / name).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return facts

    def _look(self) -> None:
        """Now and then, see whether there is still somebody who could tell."""
        if time.monotonic() - self._looked < _LOOK:
            return
        self._looked = time.monotonic()
        self._container.check()
        if not self._execution.running and not (self._folder / "ended.json").exists():
            if self.pid:
                # Nobody else would end it, and it would write among what the next run writes.
                self._container.kill(self.pid)
            raise ServiceError(
                "the run's supervisor in the Mage container has ended by itself",
                cause=f"exit status {self._execution.exit_status}; 137 is SIGKILL, which the "
                "kernel sends when memory runs out",
                remedy="look at the memory that the engine gives to containers",
            )
