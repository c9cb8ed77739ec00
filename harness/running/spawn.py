"""How a process of ``mage run`` comes to be: by the start of a program, unless told otherwise."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Protocol

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.machine.group import Led


class Spawner(Protocol):
    """Makes processes that lead their own group."""

    def prepare(self, command: tuple[str, ...], *, env: Mapping[str, str]) -> None:
        """Begin with what takes time, in the background; may be called again.

        Args:
            command: The words that start Mage.
            env: The variables that every run has.
        """

    def spawn(
        self,
        command: list[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        out: int,
        err: int,
        inherited: tuple[int, ...] = (),
    ) -> subprocess.Popen[bytes] | Led:
        """Start a process.

        Args:
            command: The command line.
            cwd: Its folder.
            env: All variables that it gets.
            out: Where its output goes, a descriptor.
            err: Where its errors go.
            inherited: Further descriptors that it gets.

        Raises:
            EnvironmentNotAbleError: It cannot be started.
        """

    def close(self) -> None:
        """End what was prepared; safe to call twice."""


class Cold:
    """Starts a program for each run.

    Args:
        stdin: What it reads, a descriptor; nothing if not given.
    """

    def __init__(self, *, stdin: int = subprocess.DEVNULL) -> None:
        self._stdin = stdin

    def prepare(self, command: tuple[str, ...], *, env: Mapping[str, str]) -> None:
        """There is nothing to prepare."""

    def spawn(
        self,
        command: list[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        out: int,
        err: int,
        inherited: tuple[int, ...] = (),
    ) -> subprocess.Popen[bytes]:
        """Start the program."""
        try:
            return subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=self._stdin,
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

    def close(self) -> None:
        """There is nothing to end."""
