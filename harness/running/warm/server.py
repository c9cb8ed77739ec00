"""The server that warm runs are forked of: how it is found or started, and asked for a run."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import harness.enclosure
from harness.machine.meeting import connected, opened
from harness.running.warm.place import address_of
from harness.tap import WARM

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = frozenset(("HOME", "TMPDIR", "USER", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"))
"""Variables that each run has for itself, and no module that is loaded beforehand keeps."""
IDLE = 900.0
"""Seconds without a run after which a server ends."""
_FOLDERS = ("HOME", "TMPDIR", "MAGE_DATA_DIR")
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_LARGEST = 1 << 18


class Server:
    """Mage's interpreter with the libraries loaded; it is there for other commands too.

    Args:
        command: The words that start Mage: its interpreter, and the script.
        env: The variables that every run has.
        idle: Seconds without a run after which it ends.
        unasked: Seconds without a command that has it open after which it does.

    Attributes:
        env: The variables of the server.
        address: Where it is met.
        control: Where it is asked.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        *,
        env: Mapping[str, str],
        idle: float = IDLE,
        unasked: float = IDLE,
    ) -> None:
        self.env = {name: text for name, text in env.items() if name not in _FOLDERS}
        self.address = address_of(command, env=self.env)
        self._told: dict[str, Any] | None = None
        self._command = command
        self._lasts = {"idle": idle, "unasked": unasked}
        self.control = connected(self.address) or self._started()
        weakref.finalize(self, self.control.close)

    def _started(self) -> socket.socket:
        listening = opened(self.address)
        if listening is not None:
            with listening:
                self._start(listening)
        return connected(self.address) or socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def _start(self, listening: socket.socket) -> None:
        folder = _folder()
        facts = {
            "listening": listening.fileno(),
            "own": sorted(OWN),
            "wall": str(Path(harness.enclosure.__file__).parent),
            "bin": str(Path(self._command[1]).parent),
            "folder": str(folder),
            **self._lasts,
        }
        try:
            subprocess.run(
                [self._command[0], str(WARM / "start.py"), json.dumps(facts)],
                check=True,
                cwd=folder,
                env={**self.env, **dict.fromkeys(_FOLDERS, str(folder))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                umask=0o077,
                pass_fds=(listening.fileno(),),
            )
        except (OSError, subprocess.SubprocessError):
            # That nobody answers then says it.
            shutil.rmtree(folder, ignore_errors=True)

    def told(self, *, within: float) -> dict[str, Any] | None:
        """What it says when it is ready; None where it is not yet.

        Args:
            within: Seconds to wait for it at the most.
        """
        if self._told is None and select.select([self.control], [], [], within)[0]:
            content = b""
            with contextlib.suppress(OSError):
                content = self.control.recv(_LARGEST)
            self._told = json.loads(content) if content else {"unfit": "it did not come up"}
        return self._told

    def close(self) -> None:
        """Ask it no more; safe to call twice. It goes on for others."""
        self.control.close()


def _folder() -> Path:
    """Where a server has its own files while it loads, and deletes them then.

    It may load for longer than the command runs, whose own place for such files may go with it.
    """
    place = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None
    return Path(tempfile.mkdtemp(prefix="mage-harness-warm-", dir=place))
