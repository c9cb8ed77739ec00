from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.services.http import RecordedHttp

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "http"


@dataclass(frozen=True)
class Client:
    """Runs programs as a pipeline's process would be: with nothing but the service's variables."""

    service: RecordedHttp

    def run(self, *command, check=True):
        done = subprocess.run(
            command,
            env={"PATH": os.environ["PATH"], **self.service.environment()},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def python(self, code, *, check=True):
        return self.run(sys.executable, "-c", code, check=check)


@pytest.fixture(scope="package")
def running_service():
    service = RecordedHttp(fixtures=FIXTURES)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def service(running_service):
    """The recordings of the repository, from their beginning."""
    running_service.reset()
    return running_service


@pytest.fixture
def client(service):
    return Client(service)


@pytest.fixture
def make_cassette(tmp_path):
    """Writes a cassette; each entry is (method, url, status, headers, body)."""

    def make(*entries, name="made"):
        folder = tmp_path / name
        folder.mkdir()
        lines = []
        for number, (method, url, status, headers, body) in enumerate(entries):
            (folder / f"{number}.bin").write_bytes(body)
            lines += [
                f"- method: {method}",
                f"  url: {url!r}",
                f"  status: {status}",
                f"  headers: {headers!r}",
                f"  body: {number}.bin",
                f"  sha256: {hashlib.sha256(body).hexdigest()}",
            ]
        (folder / "index.yaml").write_text("\n".join(lines) + "\n")
        return folder

    return make


@pytest.fixture
def start():
    """Starts services that are stopped at the end of the test."""
    started = []

    def begin(**options):
        service = RecordedHttp(**options)
        started.append(service)
        service.start()
        return service

    yield begin
    for service in started:
        service.stop()
