"""Nothing is left behind, however the harness ends: by return, exception, SIGTERM or SIGKILL."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from harness.machine import watchdog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

_open_pipes: weakref.WeakSet[Guardian] = weakref.WeakSet()


class Guardian:
    """Tells a detached watchdog which processes to end, what to run and which folders to delete.

    The watchdog waits for the end of a pipe whose other end only this process holds. Programs
    that are started do not inherit it, and a forked child closes it, so the pipe ends when this
    process does.

    Attributes:
        token: What folders and processes of this guardian are known by.
    """

    def __init__(self) -> None:
        self.token = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._orders: dict[tuple[str, int | str], dict[str, Any]] = {}
        self._pipe = -1
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        self._closed = False

    def __enter__(self) -> Self:
        with self._lock:
            self._ensure()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def environment(self) -> dict[str, str]:
        """A variable to give to each started process, by which it can be found again.

        It lets the watchdog (on Linux) end a process that was started but not yet registered,
        and descendants that left its process group.
        """
        return {watchdog.VARIABLE: self.token}

    def process(self, pid: int, *, signal: int = signal.SIGTERM) -> None:
        """Have a running process ended, with its process group if it leads one.

        Args:
            pid: The process.
            signal: What ends it cleanly: SIGQUIT or SIGINT for PostgreSQL, SIGTERM for most.
                Who has not ended after five seconds is killed.
        """
        try:
            group = os.getpgid(pid) == pid
        except ProcessLookupError:
            return
        born = watchdog.birth(pid)
        order = {"process": pid, "born": born, "group": group, "signal": int(signal)}
        self._add(("process", pid), order)

    def forget_process(self, pid: int) -> None:
        """Leave a process alone, usually because it has been waited for."""
        self._drop(("process", pid), {"forget_process": pid})

    def command(
        self, key: str, argv: Sequence[str], *, environment: Mapping[str, str] | None = None
    ) -> None:
        """Have a command run when the harness is gone, to clear up what is not on this machine.

        It runs after the processes have ended and before the folders are deleted, beside other
        commands, and must end within ``watchdog.PATIENCE`` seconds.

        Args:
            key: What it is known by; a further command with the same key takes its place.
            argv: The program, by its whole path, and its arguments.
            environment: All variables that it gets; none if not given.
        """
        order = {"command": key, "argv": list(argv), "environment": dict(environment or {})}
        self._add(("command", key), order)

    def forget_command(self, key: str) -> None:
        """Leave a command alone, usually because there is nothing left for it to do."""
        self._drop(("command", key), {"forget_command": key})

    def make_folder(self, *, prefix: str, parent: Path | None = None) -> Path:
        """Make a private folder that is deleted in any case; there is no moment without a guard.

        Args:
            prefix: What its name begins with.
            parent: Where it is made; the system's place for temporary files if not given.
        """
        parent = Path(tempfile.gettempdir()) if parent is None else parent
        path = parent.absolute() / f"{prefix}{secrets.token_hex(6)}"
        # Announced before it exists: a process that is killed in between leaves nothing.
        self._add(("folder", str(path)), {"folder": str(path)})
        path.mkdir(mode=0o700)
        self._mark(path)
        return path

    def folder(self, path: Path) -> None:
        """Have an existing folder deleted. It is marked as ours by a small file in it."""
        name = str(path.absolute())
        self._add(("folder", name), {"folder": name})
        self._mark(path)

    def _mark(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(path / watchdog.MARKER, flags, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self.token)

    def folders(self) -> list[Path]:
        """The folders that are deleted in any case."""
        with self._lock:
            return [Path(str(name)) for kind, name in self._orders if kind == "folder"]

    def forget_folder(self, path: Path) -> None:
        """Leave a folder alone, usually because it has been deleted."""
        name = str(path.absolute())
        self._drop(("folder", name), {"forget_folder": name})
        with contextlib.suppress(OSError):
            (path / watchdog.MARKER).unlink()

    def delete(self, path: Path) -> None:
        """Delete a registered folder now, and forget it."""
        watchdog.delete(path, self.token)
        self.forget_folder(path)

    def close(self) -> None:
        """End and delete what is still registered, and wait for it. Safe to call twice."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            self._closed = True
            self._hang_up()
            process, self._watchdog = self._watchdog, None
            self._orders.clear()
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=4 * watchdog.GRACE)

    def _add(self, key: tuple[str, int | str], order: dict[str, Any]) -> None:
        with self._lock:
            if self._closed:
                raise RuntimeError("the guardian is closed: nothing can be registered any more")
            self._ensure()
            self._orders[key] = order
            self._send(order)

    def _drop(self, key: tuple[str, int | str], order: dict[str, Any]) -> None:
        with self._lock:
            if self._orders.pop(key, None) is not None:
                self._send(order)

    def _ensure(self) -> None:
        if self._watchdog is None:
            self._spawn()

    def _send(self, order: dict[str, Any]) -> None:
        try:
            self._write(order)
        except BrokenPipeError:
            # Somebody ended the watchdog. A new one is told everything, this order included.
            self._hang_up()
            if self._watchdog is not None:
                self._watchdog.wait()
            self._spawn()
            for known in self._orders.values():
                self._write(known)

    def _write(self, order: dict[str, Any]) -> None:
        rest = memoryview(json.dumps(order).encode() + b"\n")
        while rest:
            rest = rest[os.write(self._pipe, rest) :]

    def _spawn(self) -> None:
        reading, self._pipe = os.pipe()
        _open_pipes.add(self)
        try:
            self._watchdog = subprocess.Popen(
                [sys.executable, "-I", "-S", watchdog.__file__],
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,
            )
        finally:
            os.close(reading)
        self._write({"token": self.token})

    def _hang_up(self) -> None:
        if self._pipe >= 0:
            pipe, self._pipe = self._pipe, -1
            os.close(pipe)

    def _after_fork(self) -> None:
        """In a forked child: let go of the pipe, whose end must mean the end of the parent."""
        self._closed = True
        self._hang_up()
        if self._watchdog is not None:
            # It is not the child's to wait for.
            self._watchdog.returncode = 0
            self._watchdog = None


def _hang_up_after_fork() -> None:
    for guardian in list(_open_pipes):
        guardian._after_fork()  # noqa: SLF001 - the hook belongs to the class


os.register_at_fork(after_in_child=_hang_up_after_fork)
