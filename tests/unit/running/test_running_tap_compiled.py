"""The tap is compiled once, though runs leave no bytecode anywhere else."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from harness.tap import EVENTS_VARIABLE, LED_VARIABLE, SITE


@pytest.fixture
def site(tmp_path: Path) -> Path:
    place = tmp_path / "site"
    return Path(shutil.copytree(SITE, place, ignore=shutil.ignore_patterns("__pycache__")))


def loaded(site: Path, **variables: str) -> str:
    """Whether a process with the tap would write bytecode, and where that of the tap is."""
    other = site.parent / "other"
    other.mkdir(exist_ok=True)
    (other / "of_project.py").write_text("")
    code = (
        "import sys, of_project, mage_harness_tap\n"
        "print(sys.dont_write_bytecode, mage_harness_tap.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{site}:{other}",
            "PYTHONDONTWRITEBYTECODE": "1",
            **variables,
        },
        check=True,
        capture_output=True,
        text=True,
    )
    assert not (other / "__pycache__").exists()
    return done.stdout


@pytest.mark.parametrize("variable", [EVENTS_VARIABLE, LED_VARIABLE])
def test_the_tap_stays_compiled_and_nothing_else_does(site: Path, tmp_path: Path, variable) -> None:
    given = {variable: str(tmp_path / "events.jsonl")}
    assert loaded(site, **given) == "True mage_harness_tap\n"
    compiled = site / "mage_harness_tap" / "__pycache__"
    sources = {file.stem for file in (site / "mage_harness_tap").glob("*.py")}
    assert {file.name.partition(".")[0] for file in compiled.iterdir()} <= sources
    first = compiled / f"events.{sys.implementation.cache_tag}.pyc"
    before = first.stat().st_mtime_ns
    assert loaded(site, **given) == "True mage_harness_tap\n"
    assert first.stat().st_mtime_ns == before


def test_where_nothing_can_be_written_it_is_loaded_all_the_same(site: Path, tmp_path: Path) -> None:
    # A file in the folder's place also stops root, who may write anywhere.
    (site / "mage_harness_tap" / "__pycache__").touch(mode=stat.S_IRUSR)
    assert loaded(site, **{EVENTS_VARIABLE: str(tmp_path / "e")}) == "True mage_harness_tap\n"
