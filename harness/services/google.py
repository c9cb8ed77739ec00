"""Google's sign-in, played on this machine: a throw-away key and the endpoint that honours it."""

from __future__ import annotations

import errno
import json
import os
import secrets
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qs, urlsplit

from harness.errors import ServiceError
from harness.machine.ports import HOST
from harness.machine.space import explained
from harness.machine.tenancy import AddressInUseError, Tenancy
from harness.services.sinkless import Sinkless
from harness.tap import GOOGLE_KEY_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.machine.guardian import Guardian

_LIFETIME = 3600
_LARGEST = 1 << 20
_GRANTS = {"urn:ietf:params:oauth:grant-type:jwt-bearer", "refresh_token"}


class GoogleIdentity(Sinkless):
    """A service account that exists on this machine only.

    Google's clients insist on a key file and fetch a token with it; a token endpoint that does
    not answer makes them wait for more than 25 seconds.

    Args:
        project: The project that the account belongs to.
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port for the token endpoint, or None for a free one.
        host: The address that pipelines reach the token endpoint by; the key names it.
        bind: The address of this machine that it listens on, where it is another one.
        parent: The folder below which the private folder is made; the system's place for
            temporary files if not given.
    """

    name = "google"
    title = "Google's sign-in"

    def __init__(
        self,
        *,
        project: str,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
        host: str = HOST,
        bind: str | None = None,
        parent: Path | None = None,
    ) -> None:
        self.project = project
        self.host = host
        self._bind = bind or host
        self._parent = parent or Path(tempfile.gettempdir())
        self._tenancy = Tenancy(self.name, cache=cache, guardian=guardian, port=port)
        self._server: _Server | None = None

    @property
    def key_file(self) -> Path:
        """The service account's key, mode 0600."""
        if self._tenancy.folder is None:
            raise ServiceError("Google's sign-in is not running", remedy="start the service first")
        return self._tenancy.folder / "key.json"

    @property
    def token_uri(self) -> str:
        """The address that tokens are fetched from."""
        if self._tenancy.port is None:
            raise ServiceError("Google's sign-in is not running", remedy="start the service first")
        return f"http://{self.host}:{self._tenancy.port}/token"

    @property
    def listens_at(self) -> tuple[str, int]:
        """The token endpoint's host and port."""
        return self.host, urlsplit(self.token_uri).port or 0

    def start(self) -> None:
        """Open the token endpoint and write the key.

        Raises:
            EnvironmentNotAbleError: The fixed port is taken, or the disk is full.
        """
        if self._server is not None:
            return
        try:
            self._server = self._tenancy.listen(lambda port: _serve(self._bind, port))
            with explained(self._parent, doing="writing the throw-away Google key"):
                folder = self._tenancy.guardian.make_folder(
                    prefix="mage-harness-google-", parent=self._parent
                )
                self._tenancy.folder = folder
                self._write_key()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Close the endpoint and delete the key. Safe to call twice, or before start."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        self._tenancy.end()

    def environment(self) -> Mapping[str, str]:
        """What lets Google's clients sign in without looking any further."""
        return {
            "GOOGLE_APPLICATION_CREDENTIALS": str(self.key_file),
            "GOOGLE_CLOUD_PROJECT": self.project,
            # The tap's: what signs in where a pipeline names another key.
            GOOGLE_KEY_VARIABLE: str(self.key_file),
            "NO_GCE_CHECK": "true",
        }

    def overlay(self) -> Mapping[str, str]:
        """Mage's key for the key file."""
        return {"GOOGLE_SERVICE_ACC_KEY_FILEPATH": str(self.key_file)}

    def values(self) -> Mapping[str, str]:
        """The placeholders ``{key_file}`` and ``{key_json}``, its content on one line."""
        return {"key_file": str(self.key_file), "key_json": self.key_file.read_text("utf-8")}

    def _write_key(self) -> None:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - in its thread
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        account = {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": secrets.token_hex(20),
            "private_key": pem.decode(),
            "client_email": f"harness@{self.project}.iam.gserviceaccount.com",
            "client_id": "100000000000000000000",
            "token_uri": self.token_uri,
            "universe_domain": "googleapis.com",
        }
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(self.key_file, flags, 0o600), "w") as file:
            json.dump(account, file)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def server_bind(self) -> None:
        """Bind, without asking name servers what the address is called, as the base class does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


def _serve(host: str, port: int) -> _Server:
    try:
        server = _Server((host, port), _Handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressInUseError(str(port)) from error
        raise
    threading.Thread(
        target=server.serve_forever,
        kwargs={"poll_interval": 0.02},
        name="mage-harness-google",
        daemon=True,
    ).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout: ClassVar[float] = 30
    # Head and body leave in two packets; Nagle would hold the second back for 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Give a token, as https://oauth2.googleapis.com/token does."""
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= _LARGEST:
            # The body stays unread, so it is not known where another request would begin.
            self.close_connection = True
            self._answer(400 if length < 0 else 413, {"error": "invalid_request"})
            return
        asked = parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        if self.path != "/token":
            self._answer(404, {"error": "not_found"})
        elif not _GRANTS & set(asked.get("grant_type", ())):
            self._answer(400, {"error": "unsupported_grant_type"})
        else:
            token = f"ya29.harness-{secrets.token_hex(16)}"
            grant = {"access_token": token, "expires_in": _LIFETIME, "token_type": "Bearer"}
            self._answer(200, grant)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Write nothing: requests hold assertions."""

    def _answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
