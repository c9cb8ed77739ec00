"""The proxy as a child process: started, told what to play, ended."""

from __future__ import annotations

import errno
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine.guardian import Guardian
from harness.machine.ports import HOST, taken
from harness.machine.space import FULL, explained, full
from harness.replay.environment import TRUSTED
from harness.replay.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.replay.questions import Trouble

_START_SECONDS = 60.0
_REPLY_SECONDS = 30.0
_LOG = "proxy.log"
_LOG_LINES = 15
_ROOM = 1 << 16
"""Bytes; with less a disk is as good as full."""
_PREFIX = "mage-harness-http-"
# Whether and where Python keeps compiled modules, and how it finds shared libraries: the user's.
_PASSED_ON = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "LD_LIBRARY_PATH", "PATH")


class ProxyProcess:
    """One proxy with a private folder, from start to stop.

    Args:
        parent: Folder in which the private folder is made; the system's temporary one if None.
        host: The address of this machine to listen on.
        port: A fixed port, or None for one that the system chooses.
        guardian: Who clears up when this process cannot; one of its own if None.
        task: ``play``, where nothing is forwarded, or ``record``.
    """

    def __init__(
        self,
        *,
        parent: Path | None = None,
        host: str = HOST,
        port: int | None = None,
        guardian: Guardian | None = None,
        task: Literal["play", "record"] = "play",
    ) -> None:
        self.host = host
        self._task = task
        self._parent = parent
        self._fixed_port = port
        self._guardian = guardian or Guardian()
        self._owns_guardian = guardian is None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._unread = b""
        self._questions: Questions | None = None
        self.port = 0

    @property
    def folder(self) -> Path:
        """The private folder.

        Raises:
            ServiceError: The proxy is not running.
        """
        if self._folder is None:
            raise ServiceError("the replay proxy is not running", remedy="call start() first")
        return self._folder

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._process is not None

    def start(self, programme: Callable[[], Mapping[str, Any]]) -> None:
        """Start, and return when the proxy listens.

        Args:
            programme: Gives what is to be played (see ``Player.load_programme``). It is called
                while the proxy's own imports are under way.

        Raises:
            EnvironmentNotAbleError: The port is taken, or there is no room for the folder.
            ServiceError: The proxy did not start; the message holds the end of its log.
        """
        try:
            self._launch()
            self.port = self._port(self._ask(programme(), seconds=_START_SECONDS))
        except BaseException:
            self.stop()
            raise

    def tell(self, command: Mapping[str, Any]) -> None:
        """Send a command, and return when it is in force.

        Args:
            command: See ``harness.replay.proxy``.

        Raises:
            ServiceError: The proxy is not running or does not answer.
        """
        self._ask(command, seconds=_REPLY_SECONDS)

    def trouble(self, answer: Trouble | None) -> None:
        """Have each request told to somebody, before it is answered.

        Args:
            answer: Says what trouble it meets; None for no trouble.

        Raises:
            ServiceError: The proxy is not running or does not answer.
        """
        if self._questions is not None and answer is not None:
            self._questions.answer = answer
        self.tell({"trouble": answer is not None})

    def stop(self) -> None:
        """End the process and remove its folder; safe to call twice, or before start."""
        process, self._process = self._process, None
        if process is not None:
            # It keeps nothing that must be finished, and its folder goes with it.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            self._guardian.forget_process(process.pid)
        questions, self._questions = self._questions, None
        if questions is not None:
            questions.close()
        folder, self._folder = self._folder, None
        if folder is not None:
            self._guardian.delete(folder)
        if self._owns_guardian:
            self._guardian.close()
            self._guardian = Guardian()
        self._unread = b""
        self.port = 0

    def _launch(self) -> None:
        """Make the folder and the process: neither comes to be anywhere else."""
        log = self._make_folder()
        self._questions = Questions(lambda *_asked: {})
        line = self._questions.far.fileno()
        try:
            # -P: modules come from the environment and never from the folder it starts in.
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "harness.replay.proxy"),
                    *(self._task, str(self.folder), self.host, str(self._fixed_port or 0)),
                    str(line),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._folder,
                env=self._environment(),
                bufsize=0,
                start_new_session=True,
                umask=0o077,
                pass_fds=(line,),
            )
        finally:
            os.close(log)
        self._guardian.process(self._process.pid, signal=signal.SIGKILL)

    def _make_folder(self) -> int:
        """Make the private folder, and return the descriptor of the log in it."""
        place = self._parent or Path(tempfile.gettempdir())
        try:
            with explained(place, doing="starting the replay proxy"):
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._folder = self._guardian.make_folder(prefix=_PREFIX, parent=place)
                return os.open(self._folder / _LOG, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        except OSError as error:
            raise EnvironmentNotAbleError(
                "the replay proxy has no folder to work in",
                cause=str(error),
                remedy="set TMPDIR to a folder that can be written",
            ) from error

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        if self._task == "record" and TRUSTED in os.environ:
            kept[TRUSTED] = os.environ[TRUSTED]
        kept |= self._guardian.environment()
        package_home = str(Path(__file__).resolve().parents[2])
        paths = [package_home, *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            **kept,
            "HOME": str(self._folder),
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONUTF8": "1",
        }

    def _ask(self, value: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        with self._lock:
            process = self._process
            if process is None or process.stdin is None or process.stdout is None:
                raise ServiceError("the replay proxy is not running", remedy="call start() first")
            try:
                unsent = memoryview(json.dumps(value).encode() + b"\n")
                while unsent:
                    unsent = unsent[process.stdin.write(unsent) :]
            except OSError as error:
                raise self._died(str(error)) from error
            reply: dict[str, Any] = json.loads(self._line(process.stdout.fileno(), seconds))
            return reply

    def _line(self, descriptor: int, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        while b"\n" not in self._unread:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise self._died(f"no answer within {seconds:.0f} s")
            received = os.read(descriptor, 65536)
            if not received:
                raise self._died("it ended")
            self._unread += received
        line, self._unread = self._unread.split(b"\n", 1)
        return line

    def _died(self, cause: str) -> EnvironmentNotAbleError:
        folder = self._folder
        if folder is not None and shutil.disk_usage(folder).free < _ROOM:
            # A proxy that cannot write ends, and its log cannot tell why.
            return full(folder, doing="starting the replay proxy")
        return ServiceError(
            "the replay proxy does not answer",
            cause=cause,
            evidence=self._log_tail(),
            remedy="run 'mage-harness doctor' to see whether mitmproxy is installed and runs",
        )

    def _port(self, reply: Mapping[str, Any]) -> int:
        if "port" in reply:
            return int(reply["port"])
        if reply.get("errno") == errno.EADDRINUSE and self._fixed_port is not None:
            raise taken(service="http", number=self._fixed_port)
        if reply.get("errno") in FULL:
            raise full(self.folder, doing="starting the replay proxy")
        raise ServiceError(
            "the replay proxy did not start",
            cause=str(reply.get("error", "")),
            evidence=self._log_tail(),
            remedy="mend the cause, or give 'http' another port under [tool.mage-harness.ports]",
        )

    def _log_tail(self) -> list[str]:
        try:
            text = (self.folder / _LOG).read_text("utf-8", "replace")
        except OSError:
            return []
        return text.splitlines()[-_LOG_LINES:]
