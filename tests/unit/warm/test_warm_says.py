"""Modules that warn or print while they are imported, which a run is to do itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.tap import WARM

NOTED = """import importlib, sys
sys.path.insert(0, sys.argv[1])
from mage_harness_warm.says import sayings
with sayings() as said:
    importlib.import_module(sys.argv[2])
print(sorted(said))
"""


@pytest.mark.parametrize(
    ("lines", "noted"),
    [
        ("import warnings\nwarnings.warn('old', FutureWarning)", ["speaker"]),
        ("import warnings\nwarnings.warn('old', DeprecationWarning)", []),
        ("def told():\n    print('hello')\ntold()", ["speaker"]),
        ("import sys\nsys.stderr.write('hello')", ["speaker"]),
        ("import quiet, loud", ["loud"]),
        ("def told():\n    print('hello')", []),
    ],
)
def test_who_says_something_is_noted_and_not_heard(tmp_path, lines: str, noted) -> None:
    (tmp_path / "speaker.py").write_text(lines)
    (tmp_path / "quiet.py").write_text("")
    (tmp_path / "loud.py").write_text("print('loud')")
    done = subprocess.run(
        [sys.executable, "-c", NOTED, str(WARM), "speaker"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (f"{noted}\n", "")
