"""Makes the processes of runs by forks of a server, and by a start where that would differ."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Literal

from harness.enclosure.start import without_loader
from harness.errors import EnvironmentNotAbleError
from harness.running.spawn import Cold
from harness.running.warm.forking import forked
from harness.running.warm.server import IDLE, OWN, Server
from harness.running.warm.templates import Templates
from harness.tap import ARCS_VARIABLE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.machine.group import Led
    from harness.running.warm.ahead import Place

_START = 60.0
_AT_START = (
    *("PYTHON", "LD_", "LC_", "LANG", "TZ", "MALLOC_", "_RJEM_", "GLIBC_", "OPENSSL_", "DYLD_"),
    *("OPENBLAS_", "GOTO_", "OMP_", "GOMP_", "MKL_", "KMP_", "BLIS_", "NUMEXPR_", "RAYON_"),
    *("ARROW_", "POLARS_"),
)
"""What interpreters and libraries in C read at their start, unseen: names begin so."""


class Warm:
    """Forks a server that has Mage's libraries loaded.

    Args:
        kind: ``warm`` waits for the server, ``auto`` does not.
        progress: Told, with ``warm``, why a run is cold.
        idle: Seconds without a run after which a server that is started ends.
        unasked: Seconds without a command that has it open after which it does.

    Attributes:
        templates: What runs are forked of that are not asked for yet.
    """

    def __init__(
        self,
        kind: Literal["auto", "warm"],
        *,
        progress: Callable[[str], None],
        idle: float = IDLE,
        unasked: float = IDLE,
    ) -> None:
        self._kind = kind
        self._progress = progress
        self._lasts = {"idle": idle, "unasked": unasked}
        self._cold = Cold()
        self._server: Server | None = None
        self._command: tuple[str, ...] = ()
        self._env: dict[str, str] = {}
        self._renewed = False
        self._lock = threading.Lock()
        self.templates = Templates()

    def prepare(self, command: tuple[str, ...], *, env: Mapping[str, str]) -> None:
        """Find the server, or start one, which is ready some seconds later."""
        if self._server is not None and command != self._command:
            # The project's requirements have changed, and with them the environment.
            self.close()
        able = sys.platform == "linux" and len(command) > 1 and not command[1].startswith("-")
        if self._server is not None or not able:
            return
        self._command, self._env = command, dict(env)
        self._server = Server(command, env=env, **self._lasts)
        self._renewed = False

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
        """Fork the server, or start the program."""
        facts, within = without_loader(command)
        # Two that are asked for at a time are forked one after the other.
        with self._lock:
            why = self._why_cold(within, env)
            if not why and self._server is not None:
                asked = {"command": within, "cwd": str(cwd), "env": dict(env), "facts": facts}
                process = forked(self._server.control, asked, out=out, err=err, more=inherited)
                if process is not None:
                    self._renewed = False
                    return process
                why = "the server is gone; the next run has a new one"
                self._renew()
        if self._kind == "warm":
            self._progress(f"note: a cold run: {why}")
        return self._cold.spawn(command, cwd=cwd, env=env, out=out, err=err, inherited=inherited)

    def ahead(
        self,
        command: list[str],
        *,
        env: Mapping[str, str],
        out: int,
        err: int,
        inherited: tuple[int, ...] = (),
        line: int,
        place: Place,
    ) -> Led:
        """Fork a template for a run that is not asked for yet.

        Args:
            command: The command line that is expected.
            env: All variables that it gets.
            out: Where its output goes, a descriptor.
            err: Where its errors go.
            inherited: Further descriptors that it gets.
            line: A descriptor of the socket by which it is asked for.
            place: Where it will be, and what a template of it is for.

        Raises:
            EnvironmentNotAbleError: Such a run would be cold.
        """
        facts, within = without_loader(command)
        asked = {
            "command": within,
            "cwd": str(place.project),
            "env": dict(env),
            "facts": facts,
            "folder": str(place.folder),
        }
        with self._lock:
            process = None
            if self._server is not None and not self._why_cold(within, env):
                control = self.templates.of(
                    place.folder, place.same, server=self._server.control, asked=asked
                )
                if control is not None:
                    process = forked(control, asked, out=out, err=err, more=(*inherited, line))
                if process is None or not place.lasting:
                    self.templates.forget(place.folder)
        if process is None:
            raise EnvironmentNotAbleError("a run would be cold", remedy="start it as it comes")
        return process

    def _renew(self) -> None:
        """Find another server in the place of one that has ended, as after an idle time."""
        self.close()
        self._renewed = True
        self._server = Server(self._command, env=self._env, **self._lasts)

    def _said(self) -> dict[str, Any] | None:
        """What the server says when it is ready; None where it is not yet, or there is none."""
        within = _START if self._kind == "warm" else 0.0
        told = self._server.told(within=within) if self._server is not None else None
        if told is None or "pid" in told or self._renewed or self._server is None:
            return told
        # It has seen that what it has loaded is not what there is now, and takes nobody.
        self._renew()
        return self._server.told(within=within)

    def close(self) -> None:
        """Ask the server no more; it goes on for others."""
        self.templates.close()
        if self._server is not None:
            self._server.close()
            self._server = None

    def _why_cold(self, command: list[str], env: Mapping[str, str]) -> str:
        """Why a run is not to be forked; empty where it can be."""
        if self._server is None:
            return "there is no server here"
        if tuple(command[: len(self._command)]) != self._command:
            return f"{command[0]} is not Mage's own interpreter"
        if env.get(ARCS_VARIABLE):
            return "its coverage is collected"
        told = self._said()
        if told is None:
            return "the server is not ready yet"
        if told["unfit"]:
            return f"the server is of no use: {told['unfit']}"
        read = set(told["read"]) | {
            name for name in {*env, *self._server.env} if name.startswith(_AT_START)
        }
        other = sorted(name for name in read - OWN if env.get(name) != self._server.env.get(name))
        return f"libraries read {', '.join(other)} when they are loaded" if other else ""
