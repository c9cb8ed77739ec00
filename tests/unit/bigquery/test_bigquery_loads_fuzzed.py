"""Files of any content: read as Python's own readers do, or refused in BigQuery's shape."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from harness.bigquery.database import Database
from harness.bigquery.errors import ApiError
from harness.bigquery.loads import load_csv, load_json, load_parquet
from harness.bigquery.loads.loads import Source
from harness.bigquery.types import Field

FIELDS = (Field(name="a", type="STRING"), Field(name="b", type="STRING"))
MANY = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
TEXT = st.text(st.sampled_from("a1 ,;\"\n\r\\'é{}[]:\t"), max_size=6)


@pytest.fixture(scope="module")
def database():
    database = Database()
    yield database
    database.close()


@pytest.fixture
def staged(database, tmp_path):
    def stage(reader, content, *, wanted=FIELDS, **configuration):
        path = tmp_path / "file"
        path.write_bytes(content)
        done = reader(database, Source(paths=(path,)), configuration, wanted)
        with database.cursor() as cursor:
            rows = cursor.execute(f"FROM {done.table}").fetchall()
        database.drop(done.table)
        return done, rows

    return stage


@MANY
@given(st.lists(st.tuples(TEXT, TEXT), max_size=5), st.sampled_from(["\n", "\r\n"]))
@example([("a\nb", "x"), ('"', ",")], "\n")
def test_what_pythons_csv_has_written_comes_back(staged, rows, end):
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(rows)
    done, found = staged(
        load_csv.stage, file.getvalue().encode(), allowQuotedNewlines=True, sourceFormat="CSV"
    )
    assert (found, done.bad) == (rows, 0)


@MANY
@given(st.lists(st.tuples(TEXT, TEXT), max_size=6), st.binary(max_size=12))
def test_any_bytes_as_csv(staged, rows, noise):
    content = "".join(f"{a},{b}\n" for a, b in rows).encode() + noise
    assume(content[:2] != b"\x1f\x8b")
    for newlines in (False, True):
        done, found = staged(
            load_csv.stage, content, allowQuotedNewlines=newlines, maxBadRecords=1000
        )
        assert len(done.warnings) == done.bad
        if done.bad:
            with pytest.raises(ApiError) as refused:
                staged(load_csv.stage, content, allowQuotedNewlines=newlines)
            assert refused.value.details[1] == done.warnings[0]
        if not newlines:
            lines = content.splitlines()
            assert len(found) + done.bad <= len(lines)


@MANY
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["a", "b", "c"]),
            st.one_of(st.none(), st.text(max_size=4), st.integers(), st.lists(st.booleans())),
        ),
        max_size=4,
    ),
    st.binary(max_size=8),
)
def test_any_rows_as_json(staged, rows, noise):
    content = b"\n".join(json.dumps(row).encode() for row in rows)
    fits = [
        row
        for row in rows
        if "c" not in row and not any(isinstance(value, list) for value in row.values())
    ]
    done, found = staged(load_json.stage, content, maxBadRecords=10)
    assert (len(found), done.bad) == (len(fits), len(rows) - len(fits))
    for row, (a, _) in zip(fits, found, strict=True):
        assert a == (None if row.get("a") is None else str(row["a"]))
    with contextlib.suppress(ApiError):
        staged(load_json.stage, content + b"\n" + noise)


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": "1",\r "b": "2"}\n{"a": "3"}\n',
        b'{"a": "1", "b": "2"}\r\n{"a": "3"}\n',
        b'{"a": "1", "b": "2"}\r\n{"a": "3"}\r\n',
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_carriage_return_is_white_space_in_json(staged, content, pack):
    assert staged(load_json.stage, pack(content))[1] == [("1", "2"), ("3", None)]


def test_a_cut_row_with_a_carriage_return(staged):
    done, found = staged(load_json.stage, b'{"a": "x"}\n{"a": \r, "b', maxBadRecords=5)
    assert (found, done.bad) == ([("x", None)], 1)
    assert "row starting at position 11" in done.warnings[0]["message"]


@pytest.mark.parametrize("name", ["skipLeadingRows", "maxBadRecords"])
@pytest.mark.parametrize("value", ["x", -1, 1.5, [], True])
def test_a_number_that_is_none(staged, name, value):
    with pytest.raises(ApiError, match=f"Invalid value for {name}"):
        staged(load_csv.stage, b"a,b\n", **{name: value})


@pytest.mark.parametrize("reader", [load_csv.stage, load_json.stage])
@pytest.mark.parametrize("stop", [2, 9, 15, -1])
def test_a_packed_file_that_is_cut(staged, reader, stop):
    content = gzip.compress(b"a,b\n" * 100)[:stop]
    with pytest.raises(ApiError, match="Error while reading data"):
        staged(reader, content)


@pytest.mark.parametrize("kind", [pa.float64(), pa.decimal256(76, 38)])
def test_a_damaged_parquet_file_among_others(database, tmp_path, kind):
    good, cut, none = paths = [tmp_path / name for name in ("a", "b", "c")]
    pq.write_table(pa.table({"x": pa.array([Decimal("1.5")] * 1000).cast(kind)}), good)
    content = bytearray(good.read_bytes())
    content[4:60] = bytes(56)
    cut.write_bytes(content)
    none.write_bytes(b"none")
    options = {"decimalTargetTypes": ["BIGNUMERIC"]}
    for files in ([cut], [good, cut], [good, none], paths):
        with pytest.raises(ApiError, match="Error while reading data"):
            load_parquet.stage(database, Source(paths=tuple(files)), options, None)
