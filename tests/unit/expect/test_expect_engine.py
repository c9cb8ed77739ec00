"""DuckDB as the harness asks it fetches nothing and leaves nothing in anybody's folder."""

from __future__ import annotations

import pyarrow as pa
import pytest

from harness.contracts.frames import loaded
from harness.engine import memory
from harness.expect.engine import engine

SETTINGS = (
    "SELECT current_setting('autoinstall_known_extensions'),"
    " current_setting('autoload_known_extensions'), current_setting('temp_directory')"
)


@pytest.mark.parametrize(
    "opened",
    [memory, engine, lambda: loaded([pa.chunked_array([[1]])])],
    ids=["memory", "expect", "contracts"],
)
def test_nothing_is_fetched_and_nothing_is_put_beside_the_caller(opened):
    with opened() as connection:
        assert connection.execute(SETTINGS).fetchone() == (False, False, "")


def test_moments_are_in_utc():
    with memory() as connection:
        assert connection.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
