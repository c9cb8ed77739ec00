"""One clock for a whole run: everything that a block can ask tells the same time."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.errors import InputError

PROJECT = Path(__file__).parents[2] / "projects" / "clock_times"
AT = "2021-02-01T05:00Z"
LATER = "2021-03-01T23:30:00+00:00"
SLACK = 300.0
"""Seconds that a run on a busy machine may take."""
_COARSE = 0.05
"""Seconds that a time of the kernel's files may lie behind."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return mage_settings.model_copy(update={"project": PROJECT, "needs": {}, "env": {}})


def told(run):
    """What each source said, in the order in which they were asked; and the days."""
    look, ask = run.output("look"), run.output("ask", 0)
    days = run.output("ask", 1)
    pairs = [
        *zip(look["what"].to_pylist(), look["seconds"].to_pylist(), strict=True),
        *zip(ask["what"].to_pylist(), ask["seconds"].to_pylist(), strict=True),
    ]
    return pairs, set(days["day"].to_pylist())


def assert_agree(pairs, begin):
    assert [pair for pair in pairs if not begin <= pair[1] < begin + SLACK] == []
    backwards = [
        (before, after)
        for before, after in itertools.pairwise(pairs)
        if after[1] < before[1] - _COARSE
    ]
    assert backwards == []


def epoch(text):
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.mage_at
def test_everything_tells_the_time_that_each_run_is_given(mage):
    real = mage.run("times")
    first = mage.run("times", at=AT)
    second = mage.run("times", at=datetime.fromisoformat(LATER))
    again = mage.run("times")

    for run, begin in ((first, epoch(AT)), (second, epoch(LATER))):
        pairs, days = told(run)
        assert dict(pairs)["execution_date"] == begin
        assert_agree(pairs, begin)
        assert days == {datetime.fromtimestamp(begin, UTC).date().isoformat()}
    for run in (real, again):
        (_, *pairs), days = told(run)
        assert_agree(pairs, time.time() - SLACK)
        assert run.at is None
    assert (first.at, second.at) == ("2021-02-01T05:00:00Z", "2021-03-01T23:30:00Z")


@pytest.mark.mage_at(AT)
def test_a_world_has_the_time_of_its_marker_and_goes_on(mage, postgres, gcs):
    postgres.execute("CREATE TABLE before AS SELECT now() AS at")
    first, second = mage.run("times"), mage.run("times")

    (begun,) = postgres.query("SELECT extract(epoch FROM at)::float8 AS at FROM before")["at"]
    pairs = [("before", begun.as_py()), *told(first)[0][1:], *told(second)[0][1:]]
    assert_agree(pairs, epoch(AT))
    client = gcs.client()
    assert {blob.updated.year for blob in client.list_blobs("seen")} == {2021}
    client.close()
    # The harness itself keeps the real time.
    assert abs(first.process.began - time.time()) < SLACK
    assert all(abs(block.began - time.time()) < SLACK for block in first.blocks)


def test_what_is_no_moment_is_refused(mage):
    with pytest.raises(InputError, match="cannot be the time of a run"):
        mage.run("times", at="tomorrow")
