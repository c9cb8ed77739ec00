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
from harness.running.warm.process import WarmProcess
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
_WORD = 64
_PATIENCE = 30.0


class Server:
    """Mage's interpreter with the libraries loaded; it is there for other commands too.

    Args:
        command: The words that start Mage: its interpreter, and the script.
        env: The variables that every run has.
        idle: Seconds without a run after which it ends.
        unasked: Seconds without a command that has it open after which it does.

    Attributes:
        env: The variables of the server.
        address: Where it is asked.
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
        self._control = connected(self.address) or self._started()
        weakref.finalize(self, self._control.close)

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
        if self._told is None and select.select([self._control], [], [], within)[0]:
            content = b""
            with contextlib.suppress(OSError):
                content = self._control.recv(_LARGEST)
            self._told = json.loads(content) if content else {"unfit": "it did not come up"}
        return self._told

    def fork(
        self, asked: Mapping[str, Any], *, out: int, err: int, more: tuple[int, ...]
    ) -> WarmProcess | None:
        """Have a process forked for a run.

        Args:
            asked: The command, its folder, its variables, and the facts of its walls.
            out: Where its output goes, a descriptor.
            err: Where its errors go.
            more: What the walls' entry talks by, and the gate's line, where there are walls; and
                the line by which a run is asked for that begins before.

        Returns:
            The process; None where the server can fork none.
        """
        near, far = socket.socketpair()
        near.settimeout(_PATIENCE)
        body = os.memfd_create("mage-harness-warm")
        try:
            with far:
                os.write(body, json.dumps(asked).encode())
                socket.send_fds(self._control, [b"run"], [far.fileno(), body, out, err, *more])
            said = near.recv(_WORD)
            if said:
                return WarmProcess(int(said), line=near)
            near.close()
        except OSError:
            near.close()
        except BaseException:
            # Also for Ctrl-C: the server then ends what it has forked.
            near.close()
            raise
        finally:
            os.close(body)
        return None

    def close(self) -> None:
        """Ask it no more; safe to call twice. It goes on for others."""
        self._control.close()


def _folder() -> Path:
    """Where a server has its own files while it loads, and deletes them then.

    It may load for longer than the command runs, whose own place for such files may go with it.
    """
    place = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None
    return Path(tempfile.mkdtemp(prefix="mage-harness-warm-", dir=place))
