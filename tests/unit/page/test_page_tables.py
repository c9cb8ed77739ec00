from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.engine import memory
from harness.page import limits
from harness.page.clean import Cleaner
from harness.page.tables import outputs_of
from tests.page_samples import HOSTILE, output

CLEAN = Cleaner()


def all_of(variables, block="load"):
    with memory() as engine:
        return outputs_of(variables, block, engine=engine, clean=CLEAN)


def only(variables):
    (found,) = all_of(variables)
    return found


def test_a_million_rows_give_a_few_and_their_statistics(tmp_path):
    query = (
        "SELECT range AS n, range % 7 AS day, if(range % 4 = 0, NULL, 'x' || range) AS name, "
        "TIMESTAMP '2021-01-01' + INTERVAL (range) SECOND AS at FROM range(1_000_000)"
    )
    output(tmp_path, "load", query)
    found = only(tmp_path)

    assert (found.name, found.rows, found.note) == ("output_0", 1_000_000, "")
    assert len(found.head) == limits.ROWS
    assert found.head[0] == ("0", "0", None, "2021-01-01 00:00:00")
    assert found.shown == ("n", "day", "name", "at")
    n, day, name, at = found.columns
    assert (n.type, n.nulls, n.low, n.high, n.mean) == ("BIGINT", 0, "0", "999999", "500000")
    assert day.distinct == 7
    assert (name.nulls, name.mean) == (250_000, "")
    assert at.high == "2021-01-12 13:46:39"


def test_a_cell_of_ten_megabytes_is_cut(tmp_path):
    output(
        tmp_path, "load", "SELECT repeat('<', 10_000_000) AS big, [repeat('>', 10_000_000)] AS l"
    )
    found = only(tmp_path)

    assert {len(cell) for cell in found.head[0]} == {limits.CELL}
    assert max(len(one.low) + len(one.high) for one in found.columns) <= 2 * limits.CELL


def test_names_and_cells_may_hold_anything(tmp_path):
    names = ['a"b', "A", "a", HOSTILE.replace("\udcff", ""), "", "; DROP TABLE x"]
    values = [HOSTILE.replace("\udcff", ""), "a\x00b", None]
    file = tmp_path / "load" / "output_0" / "data.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(pa.table([pa.array(values)] * len(names), names=names), file)
    found = only(tmp_path)

    assert (found.rows, len(found.columns), found.note) == (3, len(names), "")
    assert found.head[1][0] == "a\\x00b"
    assert "\\u202e" in found.head[0][0]


def test_a_wide_table_is_told_in_part(tmp_path):
    output(tmp_path, "load", "SELECT " + ", ".join(f"{n} AS c{n}" for n in range(300)))
    found = only(tmp_path)

    assert (len(found.shown), len(found.columns)) == (limits.SHOWN_COLUMNS, limits.COLUMNS)
    assert "of 300 columns" in found.note


@pytest.mark.parametrize(
    ("value", "rows", "shown"),
    [([{"a": 1}, {"a": 2}], 2, ""), ({"a": ["x"]}, None, '"x"'), ("y" * 9_000, None, "yyy")],
)
def test_what_mage_wrote_as_json_is_a_table_or_a_text(tmp_path, value, rows, shown):
    file = tmp_path / "load" / "output_0" / "data.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(value))
    found = only(tmp_path)

    assert found.rows == rows
    assert shown in found.value
    assert len(found.value) <= limits.VALUE


def test_what_cannot_be_read_says_so(tmp_path):
    file = tmp_path / "load" / "output_0" / "data.parquet"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no parquet")
    (tmp_path / "load" / "output_1").mkdir()
    broken, empty = all_of(tmp_path)

    assert broken.note.startswith("it cannot be read: ")
    assert empty.note.startswith("no table")
    assert all_of(tmp_path, "never_ran") == ()
