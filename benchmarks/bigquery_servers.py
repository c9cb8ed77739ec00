"""The BigQuery servers that are set side by side, each a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import psutil
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import (
    BigQueryReadGrpcTransport,
)

from harness.machine.ports import claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PROJECT = "p"
OURS, OTHER = "stub", "bqemulator"
_PACKAGES = ("bqemulator==1.4.0", "duckdb==1.5.5", "duckdb-extension-spatial", "numpy")
# Where the compiled modules of both servers are, as an installation has them.
_BYTECODE = Path.home() / ".cache" / "mage-harness" / "benchmarks" / "bytecode"
_STUB = "import sys; sys.argv[0] = 'mage-harness'; from harness.cli import main; main()"
_PATIENCE = 60.0


@dataclass
class Server:
    """A server that runs.

    Attributes:
        url: Where it is.
        storage: Host and port of its Storage Read API.
        process: What it runs in.
        began: When the process was made, by ``time.perf_counter``.
    """

    url: str
    storage: str
    process: subprocess.Popen[bytes]
    began: float

    def memory(self) -> float:
        """Resident memory of the process, in megabytes."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6

    def client(self) -> bigquery.Client:
        """Google's client of it."""
        return bigquery.Client(
            project=PROJECT,
            credentials=AnonymousCredentials(),
            client_options=ClientOptions(api_endpoint=self.url),
        )

    def read_client(self) -> BigQueryReadClient:
        """Google's client of its Storage Read API."""
        return read_client(self.storage)

    def wire(self) -> Wire:
        """A connection without Google's client, which takes some milliseconds itself."""
        return Wire(self.url)


def read_client(address: str) -> BigQueryReadClient:
    """Google's client of a Storage Read API.

    Args:
        address: Its host and port.
    """
    size = [("grpc.max_receive_message_length", -1)]
    channel = grpc.insecure_channel(address, options=size)
    return BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))


class Wire:
    """One kept-alive connection."""

    def __init__(self, url: str) -> None:
        self._http = http.client.HTTPConnection(url.removeprefix("http://"), timeout=_PATIENCE)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call."""
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        self._http.request(method, f"/bigquery/v2/projects/{PROJECT}{path}", content, headers)
        with self._http.getresponse() as reply:
            text = reply.read()
            if reply.status >= http.client.BAD_REQUEST:
                raise RuntimeError(f"{method} {path}: {reply.status} {text[:500]!r}")
        return dict(json.loads(text or b"{}"))

    def query(self, sql: str) -> dict[str, Any]:
        """One statement and its answer."""
        return self.ask("POST", "/queries", {"query": sql, "useLegacySql": False})


@contextmanager
def running(name: str, *, programs: Path | None) -> Iterator[Server]:
    """A server in a new process, from its start to its end; it answers when this returns.

    Args:
        name: ``stub`` or ``bqemulator``.
        programs: The folder that bqemulator was installed in.

    The first start of all compiles what it imports, so it is not to be counted.
    """
    cache = Path.home() / ".cache" / "mage-harness"
    ports = [claim(service=name, cache=cache) for _ in range(2)]
    numbers = [port.number for port in ports]
    command, environment = _command(name, numbers, programs)
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        # Ours has both on one port.
        storage = f"127.0.0.1:{numbers[0 if name == OURS else 1]}"
        server = Server(f"http://127.0.0.1:{numbers[0]}", storage, process, began)
        _answers(server)
        yield server
    finally:
        process.terminate()
        process.wait(_PATIENCE)
        for port in ports:
            port.release()


def _command(
    name: str, ports: Sequence[int], programs: Path | None
) -> tuple[list[str], dict[str, str]]:
    environment = {**_without("PYTHONDONTWRITEBYTECODE"), "PYTHONPYCACHEPREFIX": str(_BYTECODE)}
    if name == OURS:
        return [sys.executable, "-c", _STUB, "bigquery", "--port", str(ports[0])], environment
    if programs is None:
        raise RuntimeError("bqemulator is not installed")
    command = [str(programs / "bin" / "bqemulator"), "start", "--log-level", "error"]
    command += ["--rest-port", str(ports[0]), "--grpc-port", str(ports[1])]
    # It looks for DuckDB's extension in its home.
    return command, {**environment, "HOME": str(programs / "home")}


def _without(*names: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in names}


def _answers(server: Server) -> None:
    while True:
        try:
            server.wire().ask("GET", "/datasets")
        except OSError:
            if server.process.poll() is not None or time.perf_counter() - server.began > _PATIENCE:
                raise
            time.sleep(0.005)
        else:
            return


def install(folder: Path, *, progress: Callable[[str], None]) -> Path | None:
    """Put bqemulator into an environment of its own; None, and why, where that fails.

    Args:
        folder: Where it is to be, or is already.
        progress: Is told why not.
    """
    if (folder / "bin" / "bqemulator").exists():
        return folder
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    try:
        for command in (
            [uv, "venv", "--quiet", "--python", sys.executable, str(folder.absolute())],
            [uv, "pip", "install", "--quiet", "--python", str(folder.absolute()), *_PACKAGES],
        ):
            # Elsewhere, since uv holds to the constraints of the project that it is called in.
            subprocess.run(
                command,
                check=True,
                capture_output=True,
                text=True,
                cwd="/",
                env=_without("UV_CONSTRAINT", "UV_OVERRIDE"),
            )
        (found,) = folder.glob("lib/*/site-packages/duckdb_extension_spatial/extensions/*/*")
        # Where DuckDB would put it itself, if it could fetch it.
        home = folder / "home" / ".duckdb" / "extensions" / found.parent.name / "linux_amd64"
        home.mkdir(parents=True)
        shutil.copy(found, home)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        progress(f"bqemulator cannot be installed: {getattr(error, 'stderr', '') or error}")
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return folder
