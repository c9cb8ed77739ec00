"""The process that clears up when the harness cannot: standard library only, also a script.

It reads orders (JSON lines) from a pipe that only the harness writes to. The end of that pipe
means that the harness is gone, however it ended; then the watchdog ends what is still
registered, runs the commands that clear up elsewhere, deletes the folders and leaves.

The first line is ``{"token": ...}``. A folder is deleted only if its marker file holds the
token; a process is ended only if it still has the birth that was recorded for it, or carries the
token in its environment (on Linux, which closes the gap between start and registration).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MARKER = ".mage-harness-guardian"
VARIABLE = "MAGE_HARNESS_GUARDIAN"
GRACE = 5.0
"""Seconds from the first signal to SIGKILL."""
PATIENCE = 240.0
"""Seconds that the commands have, all together."""


def birth(pid: int) -> str:
    """When a process was started, in the system's own terms; empty where there is none.

    A zombie counts as gone: it holds no port, no memory and no file.
    """
    stat = Path("/proc") / str(pid) / "stat"
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except ProcessLookupError:
        return ""
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _birth_by_ps(pid)
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _birth_by_ps(pid: int) -> str:
    """The same on systems without ``/proc``, such as macOS."""
    found = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/bin:/usr/bin"},
    ).stdout.split()
    return "" if not found or found[0].startswith("Z") else " ".join(found[1:])


def carriers(token: str) -> list[int]:
    """Processes that were started with the token in their environment (Linux only)."""
    sought = f"{VARIABLE}={token}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if sought in entry.read_bytes().split(b"\0"):
                found.append(int(entry.parent.name))
    return [pid for pid in found if pid != os.getpid() and birth(pid)]


class Ward:
    """One registered process, and its group if it leads one."""

    def __init__(self, *, pid: int, born: str, group: bool, ending: int) -> None:
        self.pid = pid
        self.born = born
        self.group = group
        self.ending = ending

    def signal(self, number: int) -> bool:
        """Send a signal to the process or its group; tell whether anything received it."""
        now = birth(self.pid)
        if now not in {"", self.born}:
            return False
        if not now and not self.group:
            return False
        try:
            # A group outlives its leader, and its number is not given away while it lives.
            (os.killpg if self.group else os.kill)(self.pid, number)
        except OSError:
            return False
        return True

    @property
    def alive(self) -> bool:
        """Whether the process itself still runs."""
        return bool(self.born) and birth(self.pid) == self.born


def end(wards: list[Ward], token: str, *, grace: float = GRACE) -> None:
    """End processes: each by its own signal, then, after ``grace`` seconds, by SIGKILL."""
    for ward in wards:
        ward.signal(ward.ending)
    strays = [pid for pid in carriers(token) if pid not in {ward.pid for ward in wards}]
    others = [Ward(pid=pid, born=birth(pid), group=False, ending=signal.SIGTERM) for pid in strays]
    for other in others:
        other.signal(other.ending)
    everyone = wards + others
    until = time.monotonic() + grace
    while time.monotonic() < until and any(ward.alive for ward in everyone):
        time.sleep(0.01)
    for ward in everyone:
        ward.signal(signal.SIGKILL)
    until = time.monotonic() + grace
    while time.monotonic() < until and any(ward.alive for ward in everyone):
        time.sleep(0.01)
    for pid in carriers(token):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def run(commands: list[tuple[list[str], dict[str, str]]], *, patience: float = PATIENCE) -> None:
    """Run commands side by side and wait for them; who takes too long is killed.

    Args:
        commands: The arguments and the whole environment of each.
        patience: Seconds for all of them together.
    """
    running = []
    for argv, environment in commands:
        with contextlib.suppress(OSError, ValueError):
            running.append(
                subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=environment,
                    start_new_session=True,
                )
            )
    until = time.monotonic() + patience
    for process in running:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def delete(folder: Path, token: str) -> None:
    """Delete a folder that carries the token, also while late writers still add to it.

    A folder that was announced and has no marker yet is removed if there is nothing in it.
    """
    marker = folder / MARKER
    for _ in range(20):
        if folder.is_symlink() or not _is_ours(marker, token):
            return
        for path in _content(folder):
            with contextlib.suppress(OSError):
                path.unlink() if path.is_symlink() or not path.is_dir() else _remove(path)
        if not _content(folder):
            # The marker goes last, so that a deletion that is cut short can be taken up again.
            with contextlib.suppress(OSError):
                marker.unlink(missing_ok=True)
                folder.rmdir()
            return
        time.sleep(0.05)


def _content(folder: Path) -> list[Path]:
    """What is in a folder besides the marker; nothing where another has just deleted it."""
    try:
        return [path for path in folder.iterdir() if path.name != MARKER]
    except FileNotFoundError:
        return []


def _is_ours(marker: Path, token: str) -> bool:
    try:
        found = marker.read_text()
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            return not any(marker.parent.iterdir())
        return False
    except OSError:
        return False
    # An empty marker is that of a process which was killed before it wrote into it.
    return found in {token, ""}


def _remove(folder: Path) -> None:
    for root, names, _ in os.walk(folder):
        for name in names:
            path = Path(root, name)
            if not path.is_symlink() and not os.access(path, os.W_OK | os.X_OK):
                with contextlib.suppress(OSError):
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


class Orders:
    """What the harness has asked for and not taken back."""

    def __init__(self) -> None:
        self.token = ""
        self.wards: dict[int, Ward] = {}
        self.commands: dict[str, tuple[list[str], dict[str, str]]] = {}
        self.folders: dict[str, None] = {}

    def take(self, order: dict[str, Any]) -> None:
        """Note one order, or forget one."""
        if "token" in order:
            self.token = order["token"]
        elif "process" in order:
            self.wards[order["process"]] = Ward(
                pid=order["process"],
                born=order["born"],
                group=order["group"],
                ending=order["signal"],
            )
        elif "command" in order:
            self.commands[order["command"]] = (order["argv"], order["environment"])
        elif "folder" in order:
            self.folders[order["folder"]] = None
        self.wards.pop(order.get("forget_process", -1), None)
        self.commands.pop(order.get("forget_command", ""), None)
        self.folders.pop(order.get("forget_folder", ""), None)

    def carry_out(self) -> None:
        """Clear everything up."""
        end(list(self.wards.values()), self.token)
        run(list(self.commands.values()))
        for folder in reversed(self.folders):
            delete(Path(folder), self.token)


def main() -> None:
    """Take orders until the pipe ends, then clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    orders = Orders()
    for line in sys.stdin:
        # A harness that was killed in the middle of a line leaves one that is no JSON.
        with contextlib.suppress(ValueError):
            orders.take(json.loads(line))
    orders.carry_out()


if __name__ == "__main__":
    main()
