"""Answers that a client has had before the recorder has kept them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.services.http import RecordedHttp
from tests.integration.record.conftest import run

_FETCH = "import requests; print(len(requests.get('https://origin.test/month').content))"
_HOLD = (
    "import requests, sys, time\n"
    "with requests.get('https://origin.test/hold', stream=True) as answer:\n"
    "    print(next(answer.iter_content(5)), flush=True)\n"
    "    sys.stdin.read()\n"
)
# What the recorder does last for an answer comes a second late.
_SLOW = (
    "import time\n"
    "from harness.replay.capture import Captures\n"
    "add = Captures.add\n"
    "def slow(self, capture):\n"
    "    time.sleep(1)\n"
    "    add(self, capture)\n"
    "Captures.add = slow\n"
)


@pytest.fixture
def recording(origin, tmp_path):
    """A recorder of the origin."""
    service = RecordedHttp(
        fixtures=tmp_path / "http", record=True, resolve={"origin.test": origin.address}
    )
    yield service
    service.stop()


def test_an_answer_that_is_kept_late_is_waited_for(recording, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(_SLOW)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    recording.start()
    size = int(run(recording, (sys.executable, "-c", _FETCH), check=True, variables={}).stdout)
    (capture,) = recording.captures()
    assert capture.body.stat().st_size == size
    assert not capture.broken


def test_an_answer_that_never_ends_is_told_of(recording, monkeypatch):
    recording.start()
    client = subprocess.Popen(
        (sys.executable, "-c", _HOLD),
        env=dict(recording.environment()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert client.stdout.readline() == "b'first'\n"
        with monkeypatch.context() as patched:
            patched.setattr("harness.services.http.SETTLE_SECONDS", 0.1)
            assert recording.captures() == ()
            (incident,) = recording.incidents(0)
        assert incident.code == "http-refused"
        assert "still under way" in incident.message
        assert incident.detail == "https://origin.test/hold"
    finally:
        client.communicate("")
    (capture,) = recording.captures()
    assert capture.left
