from __future__ import annotations

import os
import ssl
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from harness.record.writer import write_cassette
from harness.services.http import RecordedHttp
from tests.integration.record.origin import Handler

HOSTS = ("origin.test", "cdn.origin.test")


@dataclass
class Origin:
    """An HTTPS server under the names of HOSTS, on this machine."""

    server: ThreadingHTTPServer
    authority: Path
    asked: list[str] = field(default_factory=list)

    @property
    def address(self):
        host, port = self.server.server_address[:2]
        return f"{host}:{port}"


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return trustme.CA(), tmp_path_factory.mktemp("authority") / "ca.pem"


@pytest.fixture
def origin(authority, monkeypatch):
    made, file = authority
    made.cert_pem.write_to_path(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(*HOSTS).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found = Origin(server=server, authority=file)
    server.asked = found.asked
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Tape:
    """Runs a program while recording, then the same one from the cassette alone."""

    origin: Origin
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def record(self, *command, match_headers=(), sample=None, check=True):
        resolve = dict.fromkeys(HOSTS, self.origin.address)
        service = RecordedHttp(fixtures=self.folder, record=True, resolve=resolve)
        service.start()
        try:
            done = run(service, command, check=check, variables=self.variables)
            self.requests = service.requests()
            self.incidents = service.incidents(0)
            self.written = write_cassette(
                self.folder / "made",
                service.captures(),
                title="Recorded by a test",
                match_headers=match_headers,
                sample=sample,
            )
        finally:
            service.stop()
        return done

    def replay(self, *command, check=True):
        """The origin is ended first: nothing could be asked."""
        self.origin.server.shutdown()
        service = RecordedHttp(fixtures=self.folder)
        service.start()
        try:
            done = run(service, command, check=check, variables=self.variables)
            self.requests = service.requests()
            self.incidents = service.incidents(0)
        finally:
            service.stop()
        return done

    def both(self, *command, **options):
        """The output of a program, which must be the same both times."""
        first = self.record(*command, **options)
        second = self.replay(*command, check=options.get("check", True))
        assert second.stdout == first.stdout, second.stderr
        assert second.returncode == first.returncode
        return first.stdout

    def python(self, code, **options):
        return self.both(sys.executable, "-c", code, **options)

    @property
    def index(self):
        return (self.folder / "made" / "index.yaml").read_text()


def run(service, command, *, check, variables):
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **service.environment(), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done


@pytest.fixture
def tape(origin, tmp_path):
    return Tape(origin=origin, folder=tmp_path / "http")
