"""The plugin, by running pytest on small projects."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.services.stack import Stack

PROJECTS = Path(__file__).parents[2] / "projects"


@pytest.fixture
def author(
    pytester: pytest.Pytester, mage_settings, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """A folder of an author with a Mage project and no tests yet."""
    # pytester gives its runs another home, and the cache is in the home.
    monkeypatch.setenv("MAGE_HARNESS_CACHE", str(mage_settings.cache))
    shutil.copytree(PROJECTS / "success", pytester.path / "success")
    shutil.copytree(PROJECTS / "returns_none", pytester.path / "returns_none")
    (pytester.path / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'success'\n")
    return pytester


def test_a_passing_test_is_a_few_lines(author: pytest.Pytester) -> None:
    author.makepyfile(
        """
        def test_it_runs(mage):
            run = mage.run("success")
            assert all(block.status == "completed" for block in run.blocks)

        def test_services_are_empty_at_first(postgres, gcs, bigquery, http):
            assert [*postgres.inventory(), *gcs.inventory(), *bigquery.inventory()] == []
            assert list(http.requests()) == []

        def test_rows_of_one_test(postgres):
            postgres.execute("CREATE TABLE t AS SELECT 1 AS a")
            assert [sink.name for sink in postgres.inventory()] == ["public.t"]

        def test_are_not_seen_by_the_next(postgres):
            assert list(postgres.inventory()) == []
        """
    )
    author.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=4)


def test_a_failure_shows_the_tests_line_and_the_message_and_no_frames_of_the_harness(
    author: pytest.Pytester,
) -> None:
    author.makepyfile(
        """
        def test_verdict(mage):
            mage.run("returns_none")

        def test_missing(expect):
            expect.table("shop.orders").rows(3)

        def test_unknown(mage):
            mage.run("nothing")
        """
    )
    result = author.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", "--mage-project", "returns_none"
    )
    result.assert_outcomes(failed=3)
    text = result.stdout.str()
    assert 'mage.run("returns_none")' in text
    assert "[output-none]" in text
    assert "data_loaders/load.py:8" in text
    assert "shop.orders" in text
    assert "harness/" not in text.replace("mage-harness", "").replace(str(author.path), "")


def test_the_deadline_option_ends_a_run(author: pytest.Pytester) -> None:
    shutil.copytree(PROJECTS / "hang_sensor", author.path / "hang_sensor")
    author.makepyfile(
        """
        def test_it(mage):
            run = mage.run("hang_sensor", check=False)
            assert [problem.code for problem in run.problems] == ["deadline"]
        """
    )
    result = author.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", "--mage-project", "hang_sensor", "--deadline", "5"
    )
    result.assert_outcomes(passed=1)


def test_a_project_that_is_not_there_is_one_clear_error(author: pytest.Pytester) -> None:
    author.makepyfile("def test_it(mage): pass")
    result = author.runpytest_subprocess("-q", "-p", "no:cacheprovider", "--mage-project", "none")
    result.assert_outcomes(errors=1)
    assert "remedy:" in result.stdout.str()
    assert "harness/" not in result.stdout.str().replace(str(author.path), "")


def test_options_are_in_the_help(pytester: pytest.Pytester) -> None:
    text = pytester.runpytest_subprocess("--help").stdout.str()
    for option in ("--mage-project", "--provider", "--deadline"):
        assert option in text


def test_what_cannot_be_seen_at_an_address_is_said(author: pytest.Pytester, mage_settings) -> None:
    author.makepyfile("def test_it(gcs): assert gcs.buckets() == []")
    with Stack(mage_settings) as stack:
        result = author.runpytest_subprocess(
            "-q", "-p", "no:cacheprovider", "--gcs", stack.gcs.endpoint
        )
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["mage-harness: note: * gives no log: *"])
