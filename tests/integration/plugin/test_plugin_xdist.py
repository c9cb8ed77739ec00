"""Workers of pytest-xdist share the controller's PostgreSQL and nothing that is in it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psutil
import pytest

PROJECTS = Path(__file__).parents[2] / "projects"
TESTS = """
    import json, os
    from pathlib import Path
    import pytest

    WORLDS = Path({worlds!r})

    @pytest.mark.parametrize("number", range(6))
    def test_a_table_of_its_own(number, postgres, gcs, bigquery, mage_world):
        assert [*postgres.inventory(), *gcs.inventory(), *bigquery.inventory()] == []
        postgres.execute(f"CREATE TABLE t AS SELECT generate_series(0, {{number}}) AS a")
        client = gcs.client()
        client.create_bucket("box").blob("o.csv").upload_from_string("a\\n" + "1\\n" * (number + 1))
        client.close()
        bigquery.client().create_dataset("d")
        bigquery.client().query(f"CREATE TABLE d.t AS SELECT {{number}} AS a").result()
        found = {{sink.name: sink.rows for sink in mage_world.stack.inventory()}}
        assert found == {{"box/o.csv": number + 1, "d.t": 1, "public.t": number + 1}}
        facts = {{
            "worker": os.environ.get("PYTEST_XDIST_WORKER", "none"),
            "server": postgres.port, "database": postgres.database,
            "gcs": gcs.endpoint, "bigquery": bigquery.url,
        }}
        (WORLDS / f"{{number}}.json").write_text(json.dumps(facts))

    def test_a_pipeline(mage):
        assert mage.run("success").ok

    def test_an_error_that_is_swallowed_is_seen_in_its_own_worker_only(postgres, mage_world):
        import time, psycopg2
        began = time.time()
        with pytest.raises(psycopg2.Error):
            with psycopg2.connect(postgres.url) as other, other.cursor() as cursor:
                cursor.execute("SELECT * FROM nothing")
        assert [one.code for one in postgres.incidents(began)] == ["postgres-error"]
"""


@pytest.fixture
def author(
    pytester: pytest.Pytester, mage_settings, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """A folder of an author with a Mage project and tests that would meet if they could."""
    # pytester gives its runs another home, and the cache is in the home.
    monkeypatch.setenv("MAGE_HARNESS_CACHE", str(mage_settings.cache))
    monkeypatch.setenv("MAGE_HARNESS_PROVIDER", mage_settings.provider)
    shutil.copytree(PROJECTS / "success", pytester.path / "success")
    (pytester.path / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'success'\n")
    (pytester.path / "worlds").mkdir()
    (pytester.path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(pytester.path / "tmp"))
    pytester.makepyfile(TESTS.format(worlds=str(pytester.path / "worlds")))
    return pytester


def processes_below(folder: Path) -> list[str]:
    """Processes whose command line names something in a folder."""
    lines = [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
    return [line for line in lines if str(folder) in line]


def worlds(author: pytest.Pytester) -> list[dict[str, str]]:
    files = sorted((author.path / "worlds").glob("*.json"))
    return [json.loads(file.read_text()) for file in files]


@pytest.mark.parametrize("workers", [0, 2, 4])
def test_the_results_are_the_same_with_any_number_of_workers(
    author: pytest.Pytester, workers: int
) -> None:
    result = author.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-n", str(workers))
    result.assert_outcomes(passed=8)
    seen = worlds(author)
    assert len(seen) == 6
    # One server for all, and of everything else as many as there were workers.
    used = {one["worker"] for one in seen}
    assert len({one["server"] for one in seen}) == 1
    for kind in ("database", "gcs", "bigquery"):
        assert len({(one["worker"], one[kind]) for one in seen}) == len(used)
        assert len({one[kind] for one in seen}) == len(used)
    assert list((author.path / "tmp").glob("mage-harness-*")) == []
    assert processes_below(author.path) == []


def test_a_worker_that_is_told_of_a_service_that_does_not_start_shows_the_one_clear_error(
    author: pytest.Pytester,
) -> None:
    result = author.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", "-n", "2", "-k", "pipeline", "--postgres", "mysql://here/db"
    )
    result.assert_outcomes(errors=1)
    assert "remedy:" in result.stdout.str()


def test_nothing_starts_where_no_test_needs_it(author: pytest.Pytester) -> None:
    author.makepyfile(test_other="def test_it(): pass")
    result = author.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-n", "2", "test_other.py")
    result.assert_outcomes(passed=1)
    assert "starting" not in result.stdout.str()
