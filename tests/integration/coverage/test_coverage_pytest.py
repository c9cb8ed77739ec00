"""``pytest --mage-coverage``, by running pytest on a small project."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROJECT = ROOT / "tests" / "projects" / "line_by_line"
TESTS = """
import pytest

@pytest.mark.parametrize("pipeline", ["covered", "stops"])
def test_it(mage, pipeline):
    mage.run(pipeline, check=False)
"""


@pytest.fixture
def author(
    pytester: pytest.Pytester, mage_settings, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    # pytester gives its runs another home, and the cache is in the home.
    monkeypatch.setenv("MAGE_HARNESS_CACHE", str(mage_settings.cache))
    shutil.copytree(PROJECT, pytester.path / "line_by_line")
    (pytester.path / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'line_by_line'\n")
    pytester.makepyfile(test_pipelines=TESTS)
    return pytester


def run(author: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return author.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def test_without_runs_all_is_told_to_have_never_run(author):
    result = run(author, "--mage-coverage-fail-under", "50", "-k", "nothing")
    result.stdout.fnmatch_lines(
        [
            "*coverage of Mage pipelines*",
            "asleep: never run (2 blocks, 1 test)",
            "covered: never run (2 blocks, 1 test)",
            "TOTAL*0%",
            "0.0 % of lines and branches ran",
            "mage-harness: the coverage of 0.00 % is less than 50 %",
        ]
    )
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_nothing_is_told_where_nobody_asks_or_nothing_runs(author):
    for arguments in (["--collect-only"], ["--mage-coverage", "--collect-only"], ["-k", "nothing"]):
        assert "coverage of Mage" not in run(author, *arguments).stdout.str()


def test_an_option_that_cannot_be_used_is_told_at_once(author):
    result = run(author, "--mage-coverage-report", "pdf:x")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--mage-coverage-report 'pdf:x' is no report*"])


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_all_runs_of_the_session_are_told_of(author, workers):
    result = run(
        author,
        *("--mage-coverage", "--mage-coverage-fail-under", "99", *workers),
        *("--mage-coverage-report", "term", "--mage-coverage-report", "json:facts.json"),
    )
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "covered: 1 run, 2 of 2 blocks, 1 of 1 test",
            "stops: 1 run, 2 of 3 blocks, 1 of 2 tests",
            "  block never ran: unreached (data_exporters/unreached.py)",
            "  @test never ran: test_unreached (data_exporters/unreached.py:12)",
            "line_by_line/data_loaders/load_rows.py*35, 38-39, 49",
            "mage-harness: the coverage of * is less than 99 %",
        ]
    )
    shown = (ROOT / "docs" / "coverage.md").read_text().partition("<!-- told -->\n```text\n")[2]
    assert shown.partition("```")[0] in result.stdout.str() + "\n"
    facts = json.loads((author.path / "facts.json").read_text())["files"]
    contexts = facts["line_by_line/transformers/breaks.py"]["contexts"]
    assert contexts["7"] == ["test_pipelines.py::test_it[stops]|stops/breaks"]
