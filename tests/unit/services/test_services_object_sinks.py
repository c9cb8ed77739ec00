"""Objects as sinks: read once, and again where the service says that they are others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs as pafs

from harness.errors import ServiceError
from harness.services import object_tables as tables
from harness.services.object_layout import StoredObject, groups
from harness.services.object_sinks import ObjectSinks


@pytest.fixture
def bucket(tmp_path):
    folder = tmp_path / "bucket"
    folder.mkdir()
    return folder


@pytest.fixture
def opened(tmp_path):
    """How often the file system has been asked for, and one for the bucket."""
    files = pafs.SubTreeFileSystem(str(tmp_path), pafs.LocalFileSystem())
    asked = []

    def give():
        asked.append(1)
        return files

    give.asked = asked
    return give


def stored(*names, generation="1"):
    return [
        StoredObject(bucket="bucket", name=name, size=4, generation=generation) for name in names
    ]


def rows(sinks, objects):
    return {sink.name: sink.rows for sink in sinks.all(groups(objects))}


def test_what_is_unchanged_is_not_read_again(bucket, opened):
    (bucket / "x.csv").write_text("a\n1\n")
    sinks = ObjectSinks("gcs", files=opened)
    first = sinks.all(groups(stored("x.csv")))
    assert sinks.all(groups(stored("x.csv"))) == first
    assert [sinks.one(group) for group in groups(stored("x.csv"))] == first
    assert len(opened.asked) == 1


def test_another_generation_of_the_same_size_is_read(bucket, opened):
    file = bucket / "x.csv"
    file.write_text("a\n1\n")
    sinks = ObjectSinks("gcs", files=opened)
    (before,) = sinks.all(groups(stored("x.csv")))
    file.write_text("a,b\n")
    (after,) = sinks.all(groups(stored("x.csv", generation="2")))
    assert (before.rows, after.rows) == (1, 0)
    assert [one.name for one in after.columns] == ["a", "b"]
    assert before.version != after.version


def test_one_part_that_is_another_has_the_dataset_read(bucket, opened):
    for name in ("ds/part-0.parquet", "ds/part-1.parquet"):
        (bucket / name).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"a": [1]}), bucket / name)
    parts = stored("ds/part-0.parquet", "ds/part-1.parquet")
    sinks = ObjectSinks("gcs", files=opened)
    assert rows(sinks, parts) == {"bucket/ds/": 2}
    pq.write_table(pa.table({"a": [1, 2]}), bucket / "ds/part-1.parquet")
    assert rows(sinks, [parts[0], replace(parts[1], generation="2")]) == {"bucket/ds/": 3}
    assert rows(sinks, parts[:1]) == {"bucket/ds/": 1}


def test_what_was_away_in_between_is_read_again(bucket, opened):
    file = bucket / "x.csv"
    file.write_text("a\n1\n")
    sinks = ObjectSinks("gcs", files=opened)
    assert rows(sinks, stored("x.csv")) == {"bucket/x.csv": 1}
    assert rows(sinks, []) == {}
    file.write_text("a\n1\n2\n")
    assert rows(sinks, stored("x.csv")) == {"bucket/x.csv": 2}


def test_what_could_not_be_read_is_tried_again(bucket, opened):
    sinks = ObjectSinks("gcs", files=opened)
    assert rows(sinks, stored("x.csv")) == {"bucket/x.csv": None}
    (bucket / "x.csv").write_text("a\n1\n")
    assert rows(sinks, stored("x.csv")) == {"bucket/x.csv": 1}


def test_an_object_without_a_generation_is_read_each_time(bucket, opened):
    file = bucket / "x.csv"
    sinks = ObjectSinks("gcs", files=opened)
    for content, count in (("a\n1\n", 1), ("a\n1\n2\n", 2)):
        file.write_text(content)
        assert rows(sinks, stored("x.csv", generation="")) == {"bucket/x.csv": count}


def test_after_a_reset_all_is_read(bucket, opened):
    file = bucket / "x.csv"
    file.write_text("a\n1\n")
    sinks = ObjectSinks("gcs", files=opened)
    assert rows(sinks, stored("x.csv")) == {"bucket/x.csv": 1}
    sinks.forget()
    file.write_text("a\n1\n2\n")
    assert rows(sinks, stored("x.csv")) == {"bucket/x.csv": 2}


FIRST = pa.table({"a": pa.array([1, 2], pa.int64()), "b": ["x", None]})
OTHERS = {
    "the same columns": FIRST,
    "another column": pa.table({"a": pa.array([3], pa.int64()), "c": [Decimal("1.5")]}),
    "another order": FIRST.select(["b", "a"]),
    "only nulls": pa.table({"a": pa.nulls(2), "b": pa.nulls(2)}),
    "no null": FIRST.cast(pa.schema([pa.field("a", pa.int64(), nullable=False), ("b", "string")])),
    "no rows": FIRST.slice(0, 0),
    "categories": FIRST.set_column(1, "b", FIRST["b"].dictionary_encode()),
    "the key of the folder": FIRST.append_column("day", pa.array([1, 1], pa.int32())),
    "a column of another type": pa.table({"a": ["text"]}),
    "a wider type": pa.table({"a": pa.array([1.5])}),
    "a key of another type": FIRST.append_column("day", [["x"], ["y"]]),
}


@pytest.mark.parametrize("days", [("1", "2"), ("1", "x"), ("2021-01-01", "2021-01-02")])
@pytest.mark.parametrize("other", OTHERS)
def test_footers_tell_what_the_dataset_would(bucket, opened, other, days):
    names = []
    for table, day in zip((FIRST, OTHERS[other]), days, strict=True):
        names.append(f"trips/day={day}/deep=a%20b/x.parquet")
        (bucket / names[-1]).parent.mkdir(parents=True)
        pq.write_table(table, bucket / names[-1])
    (group,) = groups(stored(*names))
    sinks = ObjectSinks("gcs", files=opened)
    sink = sinks.one(group)
    assert sinks.all([group], tail=lambda part: (bucket / part.name).read_bytes()) == [sink]
    try:
        whole = tables.dataset(group, opened())
    except pa.ArrowException:
        assert (sink.rows, sink.columns) == (None, ())
    else:
        assert sink.rows == whole.count_rows()
        found = [(one.name, one.type, one.nullable) for one in sink.columns]
        assert found == [(one.name, str(one.type), one.nullable) for one in whole.schema]


def test_the_end_of_an_object_tells_as_much_as_all_of_it(bucket, opened):
    pq.write_table(pa.table({"a": range(5_000)}), bucket / "x.parquet")
    whole = (bucket / "x.parquet").read_bytes()
    (group,) = groups(stored("x.parquet"))
    sink = ObjectSinks("gcs", files=opened).one(group)
    assert sink.rows == 5_000
    (bucket / "x.parquet").unlink()
    assert ObjectSinks("gcs", files=opened).all([group], tail=lambda _part: whole[-2_000:]) == [
        sink
    ]


@pytest.mark.parametrize("end", [b"", b"PAR1", b"no parquet at all"])
def test_an_end_that_is_too_short_has_the_object_opened(bucket, opened, end):
    pq.write_table(pa.table({"a": range(5_000)}), bucket / "x.parquet")
    objects = groups(stored("x.parquet"))
    (sink,) = ObjectSinks("gcs", files=opened).all(objects, tail=lambda _part: end)
    assert sink.rows == 5_000


def test_an_end_that_is_refused_has_the_object_opened(bucket, opened):
    def refused(_part):
        raise ServiceError("refused")

    pq.write_table(pa.table({"a": [1]}), bucket / "x.parquet")
    (sink,) = ObjectSinks("gcs", files=opened).all(groups(stored("x.parquet")), tail=refused)
    assert sink.rows == 1
