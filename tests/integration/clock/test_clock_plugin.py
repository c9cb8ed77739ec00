"""The time in tests of authors: workers of pytest-xdist that share a PostgreSQL have one clock."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

PROJECTS = Path(__file__).parents[2] / "projects"

pytestmark = pytest.mark.slow


@pytest.fixture
def author(pytester, mage_settings, monkeypatch):
    # pytester gives its runs another home, and the cache is in the home.
    monkeypatch.setenv("MAGE_HARNESS_CACHE", str(mage_settings.cache))
    shutil.copytree(PROJECTS / "success", pytester.path / "success")
    (pytester.path / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'success'\n")
    return pytester


TESTS = """
    import pytest

    YEAR = "SELECT CAST(extract(year FROM now()) AS int) AS year"

    def year(postgres):
        return postgres.query(YEAR)["year"].to_pylist()

    @pytest.mark.mage_at("2021-02-01T05:00Z")
    def test_a_marker(postgres):
        assert year(postgres) == [2021]

    @pytest.mark.mage_at
    def test_a_run(mage, postgres):
        assert mage.run("success", at="2022-02-01").at == "2022-02-01T00:00:00Z"
        assert year(postgres) == [2022]

    @pytest.mark.parametrize("number", range(4))
    def test_the_real_time(postgres, number):
        assert year(postgres)[0] > 2025
"""


def test_workers_have_the_times_of_their_tests(author):
    author.makepyfile(TESTS)
    result = author.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", "-n", "2", "--strict-markers"
    )
    result.assert_outcomes(passed=6)


def test_a_run_of_its_own_time_on_a_shared_server_is_refused_and_says_why(author):
    author.makepyfile(
        """
        def test_a_run(mage):
            mage.run("success", at="2022-02-01")
        """
    )
    result = author.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-n", "1")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*postgres cannot have another time*", "*marker mage_at*"])


def test_the_option_is_for_all_tests(author):
    author.makepyfile(
        """
        def test_all(postgres):
            (now,) = postgres.query("SELECT now()::date::text AS day")["day"].to_pylist()
            assert now == "2021-02-01"
        """
    )
    result = author.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", "--at", "2021-02-01T05:00Z"
    )
    result.assert_outcomes(passed=1)
