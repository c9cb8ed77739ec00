"""What is measured of recorded HTTP, and of VCR.py beside it."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import shutil
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil

from harness.services.http import RecordedHttp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

OURS, VCR = "recorded HTTP", "VCR.py"
START = "start to the first answer"
P50, P99 = "a small request, p50", "a small request, p99"
FRESH = "a small request on a new connection, p50"
BY_REQUESTS50, BY_REQUESTS99 = "the same by requests, p50", "the same by requests, p99"
LARGE, LARGE_BY_REQUESTS = "25 MB", "25 MB by requests"
HUGE = "1 GB, streamed"
START_CPU = "start, processor time of the proxy"
SMALL_CPU = "a small request, processor time of the proxy"
MEMORY, GROWTH = "memory after the small ones", "memory more while 1 GB is streamed"
_HOST = "https://api.test"
_CLIENT = Path(__file__).with_name("replay_client.py")
_PACKAGES = ("vcrpy==9.4.2", "requests")
_FRESH = 50
_PIECE = 1 << 20


class Material:
    """A cassette with a small and a large body, and a file of 1 GB that takes no room.

    Args:
        folder: Where it is put.
        large: The size of the large body in bytes.
        huge: The size of the file in bytes.
    """

    def __init__(self, folder: Path, *, large: int = 25_000_000, huge: int = 10**9) -> None:
        self.folder = folder / "http"
        self.huge = folder / "huge.bin"
        self.vcr = folder / "vcr.yaml"
        self.large = large
        self.folder.mkdir()
        with self.huge.open("wb") as stream:
            stream.truncate(huge)
        lines = []
        bodies = {"small.json": b'{"a": 1}' * 20, "large.bin": random.Random(1).randbytes(large)}
        for name, body in bodies.items():
            (self.folder / name).write_bytes(body)
            lines += [
                f"- method: GET\n  url: {_HOST}/{name}\n  status: 200\n  body: {name}",
                f"  sha256: {hashlib.sha256(body).hexdigest()}",
            ]
        (self.folder / "index.yaml").write_text("\n".join(lines) + "\n")

    def service(self) -> RecordedHttp:
        """The recordings, ready to be started."""
        return RecordedHttp(fixtures=self.folder, files={f"{_HOST}/huge.bin": self.huge})


def ours(material: Material, *, python: Path, count: int) -> Mapping[str, float]:
    """Start, ask for everything and stop, once."""
    service = material.service()
    began = time.perf_counter()
    service.start()
    try:
        trust = _trust(service)
        link = _link(service, trust)
        _take(link, "/small.json")
        found = {START: time.perf_counter() - began}
        process = _process(service)
        found[START_CPU] = _busy(process)
        times = sorted(_timed(lambda: _take(link, "/small.json")) for _ in range(count))
        found[SMALL_CPU] = (_busy(process) - found[START_CPU]) / count * 1e3
        found |= {P50: times[count // 2] * 1e3, P99: times[count * 99 // 100] * 1e3}
        fresh = sorted(
            _timed(lambda: _take(_link(service, trust), "/small.json")) for _ in range(_FRESH)
        )
        found[FRESH] = fresh[_FRESH // 2] * 1e3
        before = process.memory_info().rss / 1e6
        found[MEMORY] = before
        found[LARGE] = material.large / 1e6 / _timed(lambda: _take(link, "/large.bin"))
        peaks: list[float] = []

        def watch(_: int) -> None:
            peaks.append(process.memory_info().rss / 1e6)

        size = material.huge.stat().st_size
        found[HUGE] = size / 1e6 / _timed(lambda: _take(link, "/huge.bin", watch))
        found[GROWTH] = max(peaks) - before
        told = _client(python, _HOST, count=count, variables=service.environment())
    finally:
        service.stop()
    found |= _by_requests(told, material)
    return {f"{OURS}: {name}": value for name, value in found.items()}


def vcr(material: Material, *, python: Path, count: int) -> Mapping[str, float]:
    """The same of VCR.py, which answers within the client's process."""
    told = _client(python, _VCR_ORIGIN, count=count, cassette=material.vcr)
    found = {START: told["start"], **_by_requests(told, material)}
    return {f"{VCR}: {name}": value for name, value in found.items()}


def record_vcr(material: Material, *, python: Path) -> None:
    """Make VCR.py's cassette of the same bodies, from a server of this machine."""
    handler = partial(_Quiet, directory=str(material.folder))
    with _serving(ThreadingHTTPServer(("127.0.0.1", _VCR_PORT), handler)):
        _client(python, _VCR_ORIGIN, count=1, cassette=material.vcr, record=True)


def install(folder: Path, *, progress: Callable[[str], None]) -> Path | None:
    """Put VCR.py into an environment of its own, and give its interpreter; None where it fails.

    Args:
        folder: Where it is to be, or is already.
        progress: Is told why not.
    """
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    try:
        for command in (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder.absolute())],
            [uv, "pip", "install", "--quiet", "--python", str(folder.absolute()), *_PACKAGES],
        ):
            # Elsewhere, since uv holds to the constraints of the project that it is called in.
            subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")
        (folder / "complete").touch()
    except (OSError, subprocess.CalledProcessError) as error:
        progress(f"VCR.py cannot be installed: {getattr(error, 'stderr', '') or error}")
        return None
    return python


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: progress is told elsewhere."""


# VCR.py compares host and port, so that both must be the same when it plays.
_VCR_PORT = 38_417
_VCR_ORIGIN = f"http://127.0.0.1:{_VCR_PORT}"


def _by_requests(told: Mapping[str, float], material: Material) -> dict[str, float]:
    return {
        BY_REQUESTS50: told["p50"] * 1e3,
        BY_REQUESTS99: told["p99"] * 1e3,
        LARGE_BY_REQUESTS: material.large / 1e6 / told["large"],
    }


def _client(
    python: Path,
    origin: str,
    *,
    count: int,
    variables: Mapping[str, str] | None = None,
    cassette: Path | None = None,
    record: bool = False,
) -> dict[str, float]:
    done = subprocess.run(
        [
            *(str(python), str(_CLIENT), f"{origin}/small.json", f"{origin}/large.bin"),
            *("--count", str(count)),
            *(("--cassette", str(cassette)) if cassette else ()),
            *(("--record",) if record else ()),
        ],
        env={"PATH": os.environ["PATH"], **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the client failed: {done.stderr}")
    told: dict[str, float] = json.loads(done.stdout or "{}")
    return told


def _trust(service: RecordedHttp) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=service.environment()["SSL_CERT_FILE"])


def _link(service: RecordedHttp, trust: ssl.SSLContext) -> http.client.HTTPSConnection:
    proxy = urlsplit(service.environment()["HTTPS_PROXY"])
    link = http.client.HTTPSConnection(str(proxy.hostname), proxy.port, context=trust)
    link.set_tunnel(urlsplit(_HOST).netloc, 443)
    return link


def _take(
    link: http.client.HTTPSConnection, path: str, each: Callable[[int], None] = lambda _: None
) -> None:
    link.request("GET", path)
    answer = link.getresponse()
    piece, taken = bytearray(_PIECE), 0
    while count := answer.readinto(piece):
        taken += count
        each(taken)
    if answer.status != HTTPStatus.OK or str(taken) != answer.headers["content-length"]:
        raise SystemExit(f"{path}: {answer.status}, {taken} bytes")


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _process(service: RecordedHttp) -> psutil.Process:
    folder = str(Path(service.environment()["WGETRC"]).parent)
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if folder in child.cmdline())


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()
