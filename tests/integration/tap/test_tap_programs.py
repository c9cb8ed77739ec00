"""Programs that fail, or are not there, where only a status says so."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harness.tap import EVENTS_VARIABLE, SITE

MISSING, FAILED = "program_missing", "program_failed"
# As Mage runs a block's code: by exec, so that its file is "<string>".
START = "import os, subprocess\nfrom mage_harness_tap import events, programs\n"
START += f"events.open_at(os.environ['{EVENTS_VARIABLE}'])\nprograms.watch('')\n"


@pytest.fixture
def told(tmp_path):
    """The events of some lines of block code: kind, program, status and line."""

    def of(code):
        file = tmp_path / f"events-{len(list(tmp_path.iterdir()))}"
        done = subprocess.run(
            [sys.executable, "-c", f"{START}exec({code!r})"],
            env={"PYTHONPATH": str(SITE), "PATH": "/usr/bin:/bin", EVENTS_VARIABLE: str(file)},
            capture_output=True,
            text=True,
            check=False,
        )
        lines = file.read_text().splitlines() if file.exists() else []
        found = [json.loads(line) for line in lines]
        kinds = (MISSING, FAILED)
        return done, [
            (one["event"], one["program"], one["status"], one["line"])
            for one in found
            if one["event"] in kinds
        ]

    return of


@pytest.mark.parametrize(
    ("code", "events"),
    [
        ("os.system('gsutil-none cp a gs://b 2>/dev/null')", [(MISSING, "gsutil-none", 127, 1)]),
        ("\nos.system('TOKEN=x /bin/false')", [(FAILED, "false", 1, 2)]),
        ("os.system('true')", []),
        ("subprocess.run('bq-none load 2>/dev/null', shell=True)", [(MISSING, "bq-none", 127, 1)]),
        ("subprocess.run(['false'])", [(FAILED, "false", 1, 1)]),
        ("subprocess.call(['true'])", []),
        ("subprocess.getoutput('none-such')", [(MISSING, "none-such", 127, 1)]),
        ("p = subprocess.Popen(['false'])\np.wait()\np.poll()", [(FAILED, "false", 1, 1)]),
        (
            "try:\n    subprocess.run(['none-such', 'secret'])\nexcept Exception:\n    pass",
            [(MISSING, "none-such", 127, 2)],
        ),
        ("os.system('command -v none-such')", []),
        ("subprocess.run(word for word in ('false',))", [(FAILED, "a program", 1, 1)]),
        ("import platform\nplatform.processor()\nimport ctypes.util\n", []),
    ],
)
def test_a_status_that_nobody_looks_at_is_told(told, code, events):
    done, found = told(code)
    assert (done.returncode, found) == (0, events)


def test_what_is_raised_is_raised_as_ever(told):
    done, found = told("subprocess.run(['false'], check=True)")
    assert "CalledProcessError" in done.stderr
    assert found == [(FAILED, "false", 1, 1)]
    done, found = told("subprocess.run(['true'], cwd='/no-such-folder-here')")
    assert "FileNotFoundError" in done.stderr
    assert found == []
