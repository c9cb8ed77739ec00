"""The process of the private S3: started, asked and ended."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine.ports import HOST
from harness.machine.program import Program
from harness.machine.space import explained
from harness.machine.tenancy import AddressInUseError, Tenancy
from harness.services.catalogue import BY_NAME
from harness.services.s3_words import IN_USE, LISTENING

if TYPE_CHECKING:
    from harness.machine.guardian import Guardian

_PROGRAM = "harness.services.embedded.s3_program"
_PATIENCE = 30.0
_FOUND = 200


def require_packages() -> None:
    """Make sure that what the extra ``s3`` brings is installed.

    Raises:
        EnvironmentNotAbleError: It is not; the message says how it is installed.
    """
    lacking = BY_NAME["s3"].lacking
    if lacking:
        raise EnvironmentNotAbleError(
            "the private S3 is not installed",
            cause=f"something asks for S3, and there is no {', '.join(lacking)}",
            remedy="install the extra: uv pip install 'mage-harness[s3]'",
        )


class S3Server:
    """One process of the private S3, which holds all in its memory and in its own folder.

    Args:
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
        host: The address that pipelines, and the harness, reach it by.
        bind: The address of this machine that it listens on, where it is another one.
    """

    def __init__(
        self,
        *,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
        host: str = HOST,
        bind: str | None = None,
    ) -> None:
        self.host = host
        self._bind = bind or host
        # Nobody else empties it: the path is the harness's alone.
        self._control = f"/_{secrets.token_hex(16)}/"
        self._tenancy = Tenancy("s3", cache=cache, guardian=guardian, port=port)
        self._program: Program | None = None

    @property
    def port(self) -> int:
        """The port.

        Raises:
            ServiceError: It is not running.
        """
        if self._program is None or self._tenancy.port is None:
            raise ServiceError("the S3 service is not running", remedy="start the service first")
        return self._tenancy.port

    def start(self) -> None:
        """Start it, and return when it listens.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: It is not installed, the fixed port is taken, or the disk is
                full.
        """
        if self._program is not None:
            return
        require_packages()
        try:
            with explained(Path(tempfile.gettempdir()), doing="starting the S3 service"):
                self._tenancy.folder = self._tenancy.guardian.make_folder(prefix="mage-harness-s3-")
            folder = self._tenancy.folder
            self._program = self._tenancy.listen(lambda port: self._launched(folder, port))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it and delete what it kept. Safe to call twice, or before start."""
        program, self._program = self._program, None
        if program is not None:
            program.stop()
        self._tenancy.end()

    def ask(self, what: str) -> dict[str, Any]:
        """Ask it what no client of S3 can.

        Args:
            what: ``objects``, ``state``, ``reset`` or ``clock?offset=SECONDS``.

        Raises:
            ServiceError: It has ended, or does not answer.
        """
        address, port = self._bind, self.port
        connection = http.client.HTTPConnection(address, port, timeout=_PATIENCE)
        try:
            connection.request("GET", self._control + what)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            if self._program is not None:
                # A server that has just died says why better than a lost connection does.
                self._program.check()
            raise ServiceError(
                "the S3 service does not answer", cause=repr(error), remedy="see its log"
            ) from error
        finally:
            connection.close()
        if response.status != _FOUND:
            raise ServiceError(
                "the S3 service refused a request of the harness",
                cause=f"status {response.status}",
                evidence=[what, content.decode("utf-8", "replace")[:500]],
            )
        answer: dict[str, Any] = json.loads(content)
        return answer

    def _launched(self, folder: Path, port: int) -> Program:
        running = Program(
            [sys.executable, "-m", _PROGRAM, self._bind, str(port), self._control],
            name="the private S3",
            log=folder / "s3.log",
            guardian=self._tenancy.guardian,
            # Objects of more than 16 MiB are kept there.
            environment={
                "TMPDIR": str(folder),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
        )
        try:
            running.start(lambda: LISTENING in running.log)
        except ServiceError as error:
            if IN_USE in running.log:
                raise AddressInUseError(str(port)) from error
            raise
        return running
