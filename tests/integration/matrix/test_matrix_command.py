"""``mage-harness matrix`` as a user types it: environments that are made, and their data."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
PROJECTS = ROOT / "tests" / "projects"
COMMAND = Path(sys.executable).parent / "mage-harness"
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


class Author:
    """A folder with a project, the command in it, and a folder of packages beside the index."""

    def __init__(self, folder: Path, project: str) -> None:
        self.folder, self.shelf = folder, folder / "shelf"
        self.shelf.mkdir()
        shutil.copytree(PROJECTS / project, folder / project)
        text = f"[tool.mage-harness]\nproject = '{project}'\n"
        (folder / "pyproject.toml").write_text(text, "utf-8")

    def package(self, version: str, module: str) -> None:
        info = f"rates_of_day-{version}.dist-info"
        meta = f"Metadata-Version: 2.1\nName: rates-of-day\nVersion: {version}\n"
        wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        target = self.shelf / f"rates_of_day-{version}-py3-none-any.whl"
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("rates_of_day.py", module)
            archive.writestr(f"{info}/METADATA", meta)
            archive.writestr(f"{info}/WHEEL", wheel)
            names = ("rates_of_day.py", f"{info}/METADATA", f"{info}/WHEEL", f"{info}/RECORD")
            archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in names))

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        links = {"UV_FIND_LINKS": str(self.shelf), "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}
        return subprocess.Popen(
            [str(COMMAND), "matrix", *arguments],
            cwd=self.folder,
            env={**os.environ, **links, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *arguments: str, **more: str) -> tuple[int, str, dict]:
        file = self.folder / "facts.json"
        with self.start(*arguments, "--json", str(file), **more) as process:
            out, _ = process.communicate()
        facts = json.loads(file.read_text("utf-8")) if file.exists() else {}
        if facts:
            schema = json.loads((ROOT / "docs" / "matrix.schema.json").read_text("utf-8"))
            jsonschema.validate(facts, schema)
        return process.returncode, out, facts


@pytest.fixture
def author(tmp_path):
    return Author(tmp_path, "matrix_work")


@pytest.fixture
def cache(tmp_path):
    """A cache of its own, since environments with its packages are nobody else's."""
    folder = tmp_path / "cache"
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
def test_two_versions_of_mage_leave_the_same_data(tmp_path):
    author = Author(tmp_path, "success")
    status, out, facts = author("--mage", "0.9.7x,0.9.80")
    assert (status, facts["ok"]) == (0, True), out
    assert [one["mage"] for one in facts["cells"]] == ["0.9.79", "0.9.80"]
    assert "SAME  2 cells, 2 runs" in out


@pytest.mark.slow
def test_two_versions_of_a_package_leave_other_data(author, cache):
    module = "TOLL = 1\n\n\ndef fare(miles):\n    return 3.0 + {} * miles\n"
    author.package("1.0", module.format("2.0"))
    author.package("2.0", module.format("2.5"))
    status, out, facts = author(
        "--package", "rates-of-day==1.0,2.0,9.9", "fares", MAGE_HARNESS_CACHE=str(cache)
    )
    assert status == 1, out
    assert [one["packages"] for one in facts["cells"]] == [
        {"rates-of-day": version} for version in ("1.0", "2.0", "9.9")
    ]
    first, second, third = facts["cells"]
    assert first["pipelines"][0]["ok"]
    names = [one["name"] for one in second["pipelines"][0]["differences"]]
    assert names == ["fares/output_0", "public.fares"]
    assert third["pipelines"] == []
    assert "rates-of-day" in third["unable"]
    assert "NOT THE SAME  3 cells, 2 runs, 1 with other data, 1 cell not to be had" in out


def test_a_baseline_that_cannot_be_had_is_the_environments_fault(author):
    status, out, facts = author("--python", f"3.99,{OWN}", "--baseline", "python 3.99")
    assert (status, facts) == (3, {}), out
    assert "a baseline cannot be had, python 3.99: there is no Python 3.99" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--mage", "newest"), "--mage: 'newest' is no version"),
        (("--package", "pandas"), "--package 'pandas' names no package"),
        (("--baseline", "mage 1"), "there is no cell 'mage 1'"),
        (("nothing",), "nothing"),
        (("--var", "colour=red"), "colour"),
    ],
)
def test_bad_input_is_told_before_anything_is_made(author, arguments, words):
    status, out, facts = author(*arguments)
    assert (status, facts) == (2, {}), out
    assert words in out
    assert "making" not in out


@pytest.mark.slow
def test_ctrl_c_ends_it_and_leaves_nothing(author, cache, tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with author.start(TMPDIR=str(temporary), MAGE_HARNESS_CACHE=str(cache)) as process:
        for line in process.stdout:
            if "making Mage's environment" in line:
                process.send_signal(signal.SIGINT)
                break
        out, _ = process.communicate()
    assert process.returncode == 130, out
    assert list(temporary.iterdir()) == []
    assert [path for path in (cache / "mage").iterdir() if path.suffix != ".lock"] == []
