"""Bodies of any size: sent as they are read, and never held in the proxy's memory."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import ssl
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.processes import words_of

URL = "https://api.test/large.bin"
SIZE = 300_000_000
END = b"the end of it"


@pytest.fixture
def service(start, tmp_path):
    """Serves a large file that takes no room on the disk."""
    file = tmp_path / "large.bin"
    with file.open("wb") as stream:
        stream.truncate(SIZE - len(END))
        stream.seek(0, 2)
        stream.write(END)
    return start(fixtures=tmp_path / "none", files={URL: file})


@pytest.fixture
def connect():
    """Opens a connection through a service's proxy."""
    opened = []

    def to(service, url=URL):
        variables = service.environment()
        proxy = urlsplit(variables["HTTPS_PROXY"])
        trust = ssl.create_default_context(cafile=variables["SSL_CERT_FILE"])
        link = http.client.HTTPSConnection(proxy.hostname, proxy.port, context=trust, timeout=60)
        link.set_tunnel(urlsplit(url).hostname, 443)
        opened.append(link)
        return link

    yield to
    for link in opened:
        link.close()


def proxy_of(service):
    folder = str(Path(service.environment()["WGETRC"]).parent)
    (process,) = [
        child for child in psutil.Process().children(recursive=True) if folder in words_of(child)
    ]
    return process


def opened(process):
    return [file for file in process.open_files() if file.path.endswith("large.bin")]


def ask(link, **headers):
    link.request("GET", "/large.bin", headers=headers)
    return link.getresponse()


def test_a_large_body_costs_no_memory_and_leaves_the_connection_open(service, connect):
    process, link = proxy_of(service), connect(service)
    before = process.memory_info().rss
    answer = ask(link)
    assert answer.headers["content-length"] == str(SIZE)
    piece, taken = bytearray(1 << 20), 0
    most = before
    # As long as the proxy's buffers are full, it sends otherwise.
    time.sleep(0.5)
    while count := answer.readinto(piece):
        taken += count
        most = max(most, process.memory_info().rss)
    assert taken == SIZE
    assert most - before < 50_000_000
    assert ask(link, range="bytes=0-3").read() == bytes(4)


def test_head_and_parts_of_a_large_body(service, connect):
    link = connect(service)
    link.request("HEAD", "/large.bin")
    head = link.getresponse()
    head.read()
    assert (head.status, head.headers["content-length"]) == (200, str(SIZE))
    last = ask(link, range=f"bytes=-{len(END)}")
    assert (last.status, last.read()) == (206, END)
    part = ask(link, range="bytes=100000000-109999999")
    assert part.headers["content-range"] == f"bytes 100000000-109999999/{SIZE}"
    assert len(part.read()) == 10_000_000


def test_a_client_that_goes_in_the_middle_leaves_the_proxy_well(service, connect):
    process, link = proxy_of(service), connect(service)
    ask(link).read(1_000_000)
    link.close()
    other = connect(service)
    assert ask(other, range=f"bytes=-{len(END)}").read() == END
    until = time.monotonic() + 60
    # The proxy closes it in its own time.
    while opened(process) and time.monotonic() < until:
        time.sleep(0.02)
    assert opened(process) == []
    assert service.incidents(0) == ()


def test_a_large_answer_to_a_post_and_one_that_breaks_off(start, tmp_path, connect):
    folder = tmp_path / "cassette"
    folder.mkdir()
    body = b"0123456789" * 600_000
    (folder / "body.bin").write_bytes(body)
    digest = hashlib.sha256(body).hexdigest()
    told = f"  body: body.bin\n  sha256: {digest}\n"
    (folder / "index.yaml").write_text(
        f"- method: POST\n  url: {URL}\n  status: 201\n  headers: {{x-was: posted}}\n{told}"
        f"- method: GET\n  url: {URL}\n  status: 200\n{told}  cut: 7000000\n"
    )
    link = connect(start(fixtures=folder))
    link.request("POST", "/large.bin", body=b"x" * 100_000)
    answer = link.getresponse()
    assert (answer.status, answer.headers["x-was"], answer.read()) == (201, "posted", body)
    cut = ask(link)
    assert cut.headers["content-length"] == "7000000"
    with pytest.raises(http.client.IncompleteRead) as caught:
        cut.read()
    assert caught.value.partial == body


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on PATH")
def test_a_large_body_over_http_2(service, tmp_path):
    file = tmp_path / "part"
    done = subprocess.run(
        [
            *("curl", "-fsS", "--http2", "-r", "200000000-", "-o", str(file)),
            *("-w", "%{http_version}", URL),
        ],
        env=dict(service.environment()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "2", done.stderr
    assert file.stat().st_size == 100_000_000
