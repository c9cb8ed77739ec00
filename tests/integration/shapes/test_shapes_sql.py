"""SQL blocks: each provider, policy and form, and SQL that would pass without doing anything."""

from __future__ import annotations

import pytest

from tests.integration.shapes.conftest import codes


def tables(stack, provider) -> dict[str, int | None]:
    """The tables of the blocks' own, without those that Mage makes for what is handed on."""
    rows = {one.name.rpartition(":")[2]: one.rows for one in stack.service(provider).inventory()}
    return {name: count for name, count in rows.items() if "_v1" not in name}


@pytest.mark.parametrize(
    ("provider", "schema"),
    [
        ("postgres", "shop"),
        pytest.param("duckdb", "main", marks=pytest.mark.slow),
        pytest.param("bigquery", "shop", marks=pytest.mark.slow),
    ],
)
def test_sql_blocks_write_by_each_policy_and_hand_on_their_rows(
    run, session, stack, provider, schema
):
    session("shape_sql").reset()
    done = run("shape_sql", f"on_{provider}")
    done.require_success()
    large, replaced = f"{provider}_large", f"{provider}_replaced"
    assert "would both write the rows of load to one table at once" in done.entry_why
    assert done.block("counts").rows_in == 3
    assert (done.block(large).rows_out, done.block(replaced).rows_out) == (2, 2)
    assert tables(stack, provider) == {
        f"{schema}.replaced": 2,
        f"{schema}.appended": 3,
        f"{schema}.made": 1,
        f"{schema}.by_hand": 2,
    }


def test_a_second_run_replaces_appends_and_fails_as_it_is_told(run, stack):
    again = run("shape_sql", "on_postgres")
    assert ("block-failed", "postgres_made") in codes(again)
    counts = tables(stack, "postgres")
    assert (counts["shop.replaced"], counts["shop.appended"]) == (2, 6)


@pytest.mark.parametrize(
    ("pipeline", "found", "line"),
    [
        ("unset", ("template-unset", "unset"), 2),
        ("no_rows", ("output-none", "tables"), None),
        ("not_fetched", ("output-none", "unfetched"), None),
    ],
)
def test_sql_that_would_pass_in_silence_is_a_problem(run, pipeline, found, line):
    done = run("shape_sql", pipeline)
    assert codes(done) == [found]
    assert done.problems[0].line == line
