"""Real clients against the recorded month, by environment variables alone."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "http" / "nyc_tlc"
FACTS = json.loads((FIXTURES / "facts.json").read_text())
URL = FACTS["url"]
BODY = (FIXTURES / "yellow_tripdata_2021-01.csv.gz").read_bytes()
DIGEST = hashlib.sha256(BODY).hexdigest()


def needs_program(name):
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not on PATH")


def test_pandas_reads_the_month(client, service):
    done = client.python(f"import pandas; print(len(pandas.read_csv({URL!r}, low_memory=False)))")
    assert int(done.stdout) == FACTS["rows"]
    assert [(asked.method, asked.status, asked.kind) for asked in service.requests()] == [
        ("GET", 302, "recording"),
        ("GET", 200, "recording"),
    ]
    assert service.incidents(0) == ()


def test_requests_follows_the_redirect(client):
    done = client.python(
        "import hashlib, requests\n"
        f"answer = requests.get({URL!r}, timeout=20)\n"
        "answer.raise_for_status()\n"
        "print([past.status_code for past in answer.history], answer.url.split('/')[2])\n"
        "print(hashlib.sha256(answer.content).hexdigest())\n"
    )
    assert done.stdout.split("\n")[:2] == ["[302] objects.githubusercontent.com", DIGEST]


def test_urllib_asks_for_head_and_range(client):
    done = client.python(
        "from urllib.request import Request, urlopen\n"
        # urllib turns a redirected HEAD into a GET.
        f"signed = urlopen({URL!r}, timeout=20).url\n"
        "head = urlopen(Request(signed, method='HEAD'), timeout=20)\n"
        "print(head.status, head.headers['content-length'], len(head.read()))\n"
        f"part = urlopen(Request({URL!r}, headers=dict(Range='bytes=0-9')), timeout=20)\n"
        "print(part.status, part.headers['content-range'], part.read().hex())\n"
    )
    assert done.stdout.splitlines() == [
        f"200 {len(BODY)} 0",
        f"206 bytes 0-9/{len(BODY)} {BODY[:10].hex()}",
    ]


@pytest.mark.skipif(importlib.util.find_spec("httpx") is None, reason="httpx is not installed")
def test_httpx(client):
    done = client.python(
        "import hashlib, httpx\n"
        f"answer = httpx.get({URL!r}, follow_redirects=True, timeout=20)\n"
        "print(hashlib.sha256(answer.content).hexdigest())\n"
    )
    assert done.stdout.strip() == DIGEST


@needs_program("curl")
def test_curl(client, tmp_path):
    file = tmp_path / "month.csv.gz"
    client.run("curl", "-fsSL", "-o", str(file), URL)
    assert file.read_bytes() == BODY


@needs_program("curl")
def test_curl_range_and_head(client, tmp_path):
    file = tmp_path / "part"
    client.run("curl", "-fsSL", "--range", "100-199", "-o", str(file), URL)
    assert file.read_bytes() == BODY[100:200]
    head = client.run("curl", "-fsSLI", URL).stdout
    assert f"content-length: {len(BODY)}" in head.lower()
    beyond = client.run("curl", "-sSL", "-r", f"{len(BODY)}-", "-w", "%{http_code}", URL)
    assert beyond.stdout == "416"


@needs_program("curl")
def test_curl_many_at_once(client, service):
    client.run("curl", "-fsSLZ", *(["-o", "/dev/null", URL] * 20))
    assert [asked.status for asked in service.requests()].count(200) == 20


@needs_program("wget")
def test_wget(client, tmp_path):
    file = tmp_path / "month.csv.gz"
    client.run("wget", "-q", "-O", str(file), URL)
    assert file.read_bytes() == BODY


@pytest.mark.parametrize("direct", [("127.0.0.1",), ("127.0.0.1", "db.corp")])
def test_pip_and_others_find_the_authorities(service, monkeypatch, direct):
    monkeypatch.setattr(service, "_direct", lambda: direct)
    variables = service.environment()
    trusted = Path(variables["SSL_CERT_FILE"]).read_text()
    own = Path(variables["NODE_EXTRA_CA_CERTS"]).read_text()
    assert own.count("BEGIN CERTIFICATE") == 1
    assert own in trusted
    # Who is reached without the proxy has a certificate of the world's.
    assert (trusted.count("BEGIN CERTIFICATE") > 50) == ("db.corp" in direct)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "AWS_CA_BUNDLE"):
        assert variables[name] == variables["SSL_CERT_FILE"]
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        assert variables[name] == variables[name.upper()]
