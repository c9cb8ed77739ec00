"""From notes of runs to what is told: pipelines, files, reports and the least percentage."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import coverage
import pytest

from harness.coverage.files import all_files
from harness.coverage.notes import Note
from harness.coverage.pipelines import CoveredBlock, CoveredPipeline
from harness.coverage.text import lines as lines_of
from harness.coverage.told import told
from harness.coverage.wanted import Wanted
from harness.errors import InputError
from harness.project.reader import read_project

LOAD = """\
@data_loader
def load(*args, **kwargs):
    if kwargs.get('late'):
        return []
    return [1]


@test
def test_load(output, *args):
    assert output
"""
FIRST = """\
@test
def test_first(output, *args):
    assert output

@transformer
def pick(rows, *args, **kwargs):
    return rows
"""
BLOCK = """\
- name: {name}
  uuid: {name}
  type: {kind}
  language: {language}
  upstream_blocks: []
  downstream_blocks: []
"""
LOADED = frozenset({(-1, 1), (1, 2), (2, 8), (8, 9), (9, -1), (-1, 3), (3, 5), (5, -1)})


def pipeline(*blocks: tuple[str, str, str]) -> str:
    lines = [BLOCK.format(name=name, kind=kind, language=lang) for name, kind, lang in blocks]
    return "type: python\nblocks:\n" + "".join(lines)


@pytest.fixture
def project(tmp_path):
    files = {
        "metadata.yaml": "project_type: standalone\n",
        "pipelines/sales/metadata.yaml": pipeline(
            ("load", "data_loader", "python"),
            ("pick", "transformer", "python"),
            ("keep", "data_exporter", "sql"),
        ),
        "pipelines/other/metadata.yaml": pipeline(("load", "data_loader", "python")),
        "data_loaders/load.py": LOAD,
        "transformers/pick.py": FIRST,
        "data_exporters/keep.sql": "SELECT 1",
        "utils/__init__.py": "",
        "utils/money.py": "def euros(cents):\n    return cents / 100\n",
        "utils/later.py": "type = = 1\n",
        "utils/old.py": b"# \xe9\n",
        "scratchpads/try.py": "print(1)\n",
        "charts/bars.py": "print(1)\n",
        ".venv/lib/other.py": "print(1)\n",
    }
    for name, text in files.items():
        file = tmp_path / "shop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_project(tmp_path / "shop")


@pytest.fixture
def note(project):
    return Note(
        project=project.path,
        pipeline="sales",
        by="tests/test_sales.py::test_it",
        blocks=frozenset({"load", "keep"}),
        arcs={(Path("data_loaders/load.py"), "load"): LOADED},
    )


def wanted(*reports: str, fail_under: float | None = None, data: Path | None = None) -> Wanted:
    found = Wanted.by(on=True, reports=reports, fail_under=fail_under, data=data, option="--c")
    assert found is not None
    return found


def test_all_python_that_a_run_may_execute_counts(project):
    names = {str(file) for file in all_files(project)}
    assert names == {
        "data_loaders/load.py",
        "transformers/pick.py",
        "utils/__init__.py",
        "utils/money.py",
    }


def test_what_never_ran_is_named(project, note):
    lines = told([note, note], projects=[project], wanted=wanted("term")).lines
    assert list(lines[:6]) == [
        "other: never run (1 block, 1 test)",
        "sales: 2 runs, 2 of 3 blocks, 0 of 2 tests",
        "  @test never ran: test_load (data_loaders/load.py:8)",
        "  block never ran: pick (transformers/pick.py)",
        "  @test never ran: test_first (transformers/pick.py:1)",
        "",
    ]


def test_a_test_ran_when_its_body_was_begun(project, note):
    arcs = {
        (Path("data_loaders/load.py"), "load"): LOADED | {(-8, 10)},
        # The module begins on the line where the test does, too.
        (Path("transformers/pick.py"), "pick"): frozenset({(-1, 1), (1, 5), (5, -1)}),
    }
    ran = replace(note, blocks=frozenset({"load", "pick", "keep"}), arcs=arcs)
    lines = told([ran], projects=[project], wanted=wanted("term")).lines
    assert lines[1] == "sales: 1 run, 3 of 3 blocks, 1 of 2 tests"
    assert lines[2] == "  @test never ran: test_first (transformers/pick.py:1)"


def test_lines_and_branches_are_counted_together(project, note):
    found = told([note], projects=[project], wanted=wanted("term"))
    (row,) = [line.split() for line in found.lines if "load.py" in line.split("  ")[0]]
    assert row[1:] == ["8", "2", "2", "1", "70%", "4,", "10"]
    # Of the others none of 6 and 2 lines ran.
    assert found.percent == pytest.approx(100 * (6 + 1) / (8 + 2 + 6 + 2))


def test_only_what_is_asked_for_counts(project, note):
    found = told(
        [note], projects=[project], wanted=wanted("term"), pipelines=[project.pipeline("sales")]
    )
    text = "\n".join(found.lines)
    assert "other:" not in text
    assert "money.py" not in text


def test_less_than_is_wanted_fails(project, note):
    assert not told([note], projects=[project], wanted=wanted(fail_under=10)).failed
    failed = told([note], projects=[project], wanted=wanted(fail_under=99)).failed
    assert failed.endswith("% is less than 99 %")


def test_each_report_is_written(project, note, tmp_path):
    names = ("html:h", "xml:x.xml", "lcov:l.info", "json:deep/j.json")
    reports = [text.replace(":", f":{tmp_path}/") for text in names]
    lines = told([note], projects=[project], wanted=wanted(*reports)).lines
    assert f"lcov: {tmp_path}/l.info" in lines
    assert not any(line.startswith("TOTAL") for line in lines)
    assert (tmp_path / "h" / "index.html").is_file()
    assert "load.py" in (tmp_path / "x.xml").read_text()
    assert f"SF:{project.path}/data_loaders/load.py" in (tmp_path / "l.info").read_text()
    (facts,) = [
        facts
        for name, facts in json.loads((tmp_path / "deep" / "j.json").read_text())["files"].items()
        if name.endswith("load.py")
    ]
    assert facts["missing_branches"] == [[3, 4]]
    assert facts["contexts"]["5"] == ["tests/test_sales.py::test_it|sales/load"]


def test_the_settings_of_coverage_py_count(project, note, tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text(
        "[tool.coverage.run]\nomit = ['*/utils/*']\nbranch = false\n"
        "[tool.coverage.report]\nexclude_also = ['if kwargs']\n"
    )
    monkeypatch.chdir(tmp_path)
    found = told([note], projects=[project], wanted=wanted("term"))
    assert {one.path.name for one in found.files} == {"load.py", "pick.py"}
    (load,) = [one for one in found.files if one.path.name == "load.py"]
    assert (load.missing, load.branches) == ((10,), 0)

    (tmp_path / "pyproject.toml").write_text("[tool.coverage.report]\nexclude_also = ['(']\n")
    with pytest.raises(InputError, match="cannot be told"):
        told([note], projects=[project], wanted=wanted("term"))


def test_the_data_are_combined_with_those_of_other_code(project, note, tmp_path):
    kept, other = tmp_path / "kept" / "pipelines", tmp_path / ".coverage"
    told([note], projects=[project], wanted=wanted("term", data=kept))
    (tmp_path / "other.py").write_text("print(1)\n")
    for command in (["run", "--branch", "other.py"], ["combine", "--append", str(kept)]):
        subprocess.run(
            [sys.executable, "-m", "coverage", *command],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )
    data = coverage.CoverageData(str(other))
    data.read()
    names = {Path(file).name for file in data.measured_files()}
    assert names == {"other.py", "load.py", "pick.py", "money.py", "__init__.py"}


def test_a_file_that_is_no_python_here_is_left_out_and_named(project, note):
    ran = replace(note, arcs={(Path("utils/later.py"), ""): LOADED})
    lines = told([ran], projects=[project], wanted=wanted("term")).lines
    assert "left out, since it is no Python file here: utils/later.py" in lines


def test_of_a_project_without_python_the_blocks_are_held_to_the_percentage(project, note):
    for file in project.path.rglob("*.py"):
        file.unlink()
    ran = [replace(note, arcs={})]
    found = told(ran, projects=[project], wanted=wanted(fail_under=50))
    assert (found.percent, found.failed) == (None, "")
    assert found.lines[-1] == "there is no Python code to cover"
    failed = told(ran, projects=[project], wanted=wanted(fail_under=51)).failed
    assert failed == "the 50.00 % of blocks that ran are less than 51 %"


def test_reports_of_no_python_are_said_not_to_be_written(project, note, tmp_path):
    for file in project.path.rglob("*.py"):
        file.unlink()
    asked = wanted(f"xml:{tmp_path / 'c.xml'}", data=tmp_path / "data")
    lines = told([replace(note, arcs={})], projects=[project], wanted=asked).lines
    assert lines[-2:] == (
        "xml: not written, since there is nothing to cover",
        "data: not written, since there is nothing to cover",
    )
    assert not (tmp_path / "c.xml").exists()


def test_callbacks_and_conditions_are_counted_beside_the_blocks():
    def block(uuid, kind, runs):
        return CoveredBlock(uuid=uuid, type=kind, file=Path(f"{uuid}.py"), runs=runs)

    blocks = (block("a", "data_loader", 1), block("b", "conditional", 1), block("c", "callback", 0))
    found = list(lines_of([CoveredPipeline(uuid="p", runs=1, blocks=blocks)]))
    assert found == [
        "p: 1 run, 1 of 1 block, 0 of 1 callback, 1 of 1 condition",
        "  callback never ran: c (c.py)",
    ]


def test_a_least_percentage_of_no_project_fails():
    assert told([], projects=[], wanted=wanted(fail_under=90)).failed
    assert not told([], projects=[], wanted=wanted()).failed


def test_nothing_that_ran_is_told_as_well(project):
    found = told([], projects=[project], wanted=wanted("term"))
    assert found.percent == 0
    assert found.lines[1] == "sales: never run (3 blocks, 2 tests)"


def test_a_note_goes_through_json(note):
    assert Note.from_json(json.loads(json.dumps(note.as_json()))) == note


@pytest.mark.parametrize("report", ["html", "term:x", "csv:x", "xml:", ""])
def test_a_report_that_is_none_is_refused(report):
    with pytest.raises(InputError, match="is no report"):
        wanted(report)


@pytest.mark.parametrize("percent", [-1, 100.5, float("nan")])
def test_a_percentage_that_is_none_is_refused(percent):
    with pytest.raises(InputError, match="is no percentage"):
        wanted(fail_under=percent)


def test_a_report_that_cannot_be_written_is_an_error(project, note, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be told"):
        told([note], projects=[project], wanted=wanted(f"xml:{tmp_path}/file/x.xml"))


def test_nothing_is_wanted_where_no_option_is_given():
    none = Wanted.by(on=False, reports=None, fail_under=None, data=None, option="--c")
    assert none is None
