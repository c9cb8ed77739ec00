"""Where ``mage run`` happens: what a place must offer, whether this machine or a container."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from harness.running.asked import NOTHING, Asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.project.workspace import Workspace

STDOUT, STDERR, EVENTS, STACKS = "stdout.txt", "stderr.txt", "events.jsonl", "stacks.txt"
ARCS = "arcs.jsonl"


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """One run of one pipeline.

    Attributes:
        mage: The command that starts Mage, without arguments.
        project: The workspace's copy of the project.
        pipeline: The pipeline's uuid.
        folder: A private folder for what the run prints and tells.
        env: The whole environment of the process, but for what the runner itself adds.
        deadline: Seconds after which the process group is ended.
        asked: What is asked of the run beside that.
        databases: The folder with the engine's empty databases, for a run by the engine.
        shown: Files and folders, each with the path of Mage's container that it is seen at.
    """

    mage: tuple[str, ...]
    project: Path
    pipeline: str
    folder: Path
    env: Mapping[str, str]
    deadline: float
    asked: Asked = NOTHING
    databases: Path | None = None
    shown: tuple[tuple[str, str], ...] = ()


class Running(Protocol):
    """A process of ``mage run`` that was started, with its process group."""

    @property
    def pid(self) -> int:
        """Its number, as it knows it itself."""

    def ended(self, *, within: float) -> bool:
        """Whether it ends in so many seconds.

        Raises:
            ServiceError: What it runs in is gone.
        """

    def ask_for_stacks(self) -> None:
        """Have it write where each of its threads is, as the tap arranges on SIGUSR1."""

    def end(self) -> int:
        """End what is left of it and of its group, and say its exit status; safe to call twice.

        Returns:
            The exit status; negative for the signal that ended it.

        Raises:
            EnvironmentNotAbleError: What it tried to reach may be untold.
        """


class Runner(Protocol):
    """A place that has Mage."""

    def command(self) -> tuple[str, ...]:
        """The words that start Mage; what it takes is made or started now.

        Raises:
            EnvironmentNotAbleError: Mage cannot be had.
        """

    def names(self) -> frozenset[str]:
        """The variables that a process has here, whatever the project says."""

    def environment(self, workspace: Workspace) -> dict[str, str]:
        """Variables that every run here has, before the project's and the services'.

        Args:
            workspace: The folders of the run.
        """

    def timed(self, env: Mapping[str, str], *, offset: int, folder: Path) -> dict[str, str]:
        """Variables of a process that has another time.

        Args:
            env: All that it has otherwise.
            offset: Seconds to add to the real time.
            folder: A folder that it can read, for what it takes.

        Raises:
            EnvironmentNotAbleError: It cannot have another time here.
        """

    def start(self, command: list[str], *, request: RunRequest, env: Mapping[str, str]) -> Running:
        """Start a process: its output goes to files in the request's folder.

        Args:
            command: The command line.
            request: What is run.
            env: All variables that it gets.

        Raises:
            EnvironmentNotAbleError: It cannot be started.
        """
