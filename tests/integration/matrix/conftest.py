"""Environments that differ by one small package, made in a moment beside Mage's own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.matrix.cells import Cell
from harness.project.environment import ensure_environment
from harness.project.reader import read_project

PROJECT = Path(__file__).parents[2] / "projects" / "matrix_work"
RATES = "def fare(miles):\n    return 3.0 + 2.0 * miles{more}\n\n\n{toll}"


@dataclass(frozen=True)
class Beside:
    """Makes an interpreter that has all that Mage's has, and a module of its own."""

    folder: Path
    mage: Path

    def python(self, name: str, module: str) -> Path:
        place = self.folder / name
        python = place / "bin" / "python"
        subprocess.run([self.mage, "-m", "venv", "--without-pip", place], check=True)
        packages = self._packages(python)
        (packages / "mage.pth").write_text(f"{self._packages(self.mage)}\n", "utf-8")
        (packages / "rates_of_day.py").write_text(module, "utf-8")
        return python

    @staticmethod
    def _packages(python: Path) -> Path:
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
        return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def cells(mage_settings, tmp_path_factory) -> list[Cell]:
    mage = ensure_environment(mage_settings, read_project(mage_settings.project))
    beside = Beside(tmp_path_factory.mktemp("beside"), mage.python)
    modules = {
        "rates 1": RATES.format(more="", toll="TOLL = 1\n"),
        "rates 1 again": RATES.format(more="", toll="TOLL = 1\n"),
        "rates 2": RATES.format(more=" + (miles > 5) * 0.5", toll=""),
    }
    settings = mage_settings.model_copy(update={"project": PROJECT, "python": sys.version[:4]})
    return [
        Cell(
            name=name,
            settings=settings.model_copy(update={"mage_python": beside.python(name, module)}),
            mage=mage.version,
        )
        for name, module in modules.items()
    ]
