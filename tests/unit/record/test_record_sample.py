"""Samples: small, the same each time, and with everything that is special."""

from __future__ import annotations

import gzip
import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.record.tabular import format_of, shrink


def month(rows=5000):
    return pd.DataFrame(
        {
            "day": pd.date_range("2021-01-01", periods=rows, freq="10min").astype("datetime64[us]"),
            "fare": [float(number % 997) for number in range(rows)],
            "kind": ["rare" if number == 4321 else f"k{number % 7}" for number in range(rows)],
            "id": [f"trip {number:05}" for number in range(rows)],
            "tip": [None if number == 2222 else number % 5 for number in range(rows)],
        }
    )


@pytest.fixture
def table():
    frame = month()
    frame.loc[77, "fare"] = -3.5
    frame.loc[78, "fare"] = 10_000.0
    frame.loc[79, "id"] = ""
    return frame


def as_csv(frame):
    return frame.to_csv(index=False).encode()


def test_what_is_special_is_kept_and_the_count_holds(table):
    found = shrink(as_csv(table), format="csv", count=300)
    assert (found.rows, found.of) == (300, 5000)
    left = pd.read_csv(io.BytesIO(found.body), parse_dates=["day"])
    assert len(left) == 300
    assert {"rare", *(f"k{number}" for number in range(7))} == set(left.kind)
    assert (left.fare.min(), left.fare.max()) == (-3.5, 10_000.0)
    assert left.tip.isna().sum() == 1
    assert left.id.isna().sum() == 1
    assert set(left.day.dt.date) == set(table.day.dt.date)
    assert left.day.is_monotonic_increasing


def test_lines_are_kept_byte_by_byte():
    lines = [b"a;b\r\n", b'"1";"x ""y"""\r\n', *(b"%d;z\r\n" % number for number in range(2, 500))]
    found = shrink(b"".join(lines), format="csv", count=20)
    kept = found.body.splitlines(keepends=True)
    assert kept[0] == lines[0]
    assert set(kept) < set(lines)
    assert b'"1";"x ""y"""\r\n' in kept


def test_it_is_the_same_each_time_packed_too(table):
    body = gzip.compress(as_csv(table))
    first = shrink(body, format="csv", count=100)
    assert first.body == shrink(body, format="csv", count=100).body
    assert gzip.decompress(first.body) == shrink(as_csv(table), format="csv", count=100).body


def test_parquet_keeps_its_schema_codec_and_metadata(table):
    source = pa.Table.from_pandas(table).replace_schema_metadata({"made": "here"})
    sink = io.BytesIO()
    pq.write_table(source, sink, compression="zstd")
    found = shrink(sink.getvalue(), format="parquet", count=100)
    left = pq.ParquetFile(io.BytesIO(found.body))
    assert left.schema_arrow.equals(source.schema, check_metadata=True)
    assert left.metadata.row_group(0).column(0).compression == "ZSTD"
    assert left.metadata.num_rows == found.rows


def test_json_lines_with_nested_values():
    lines = [b'{"a": %d, "b": {"c": [%d]}}\n' % (number, number) for number in range(400)]
    found = shrink(b"".join(lines), format="jsonl", count=10)
    kept = found.body.splitlines(keepends=True)
    assert len(kept) == found.rows == 10
    assert set(kept) < set(lines)
    assert {lines[0], lines[-1]} < set(kept)


@pytest.mark.parametrize(
    ("body", "format_"),
    [
        (b"a,b\n1,2\n", "csv"),
        (b"", "csv"),
        (b'a,b\n"1\n2",3\n' * 50, "csv"),
        (b"PAR1 cut", "parquet"),
        (b"{broken\n" * 50, "jsonl"),
    ],
)
def test_what_cannot_be_made_smaller_stays_whole(body, format_):
    assert shrink(body, format=format_, count=10) is None


@pytest.mark.parametrize(
    ("url", "content_type", "body", "found"),
    [
        ("https://a.test/x.csv.gz?y=.parquet", "", b"", "csv"),
        ("https://a.test/x", "text/csv", b"", "csv"),
        ("https://a.test/x.ndjson", "", b"", "jsonl"),
        ("https://a.test/x", "application/octet-stream", b"PAR1...", "parquet"),
        ("https://a.test/x.parquet", "", b"<html>", None),
        ("https://a.test/x.json", "application/json", b"[]", None),
    ],
)
def test_the_format_of_a_body(url, content_type, body, found):
    assert format_of(url, content_type, body) == found
