"""One table against another: what is told of rows, keys, columns and order."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import ExpectationError, InputError


def failure_of(check, *args, **options) -> ExpectationError:
    with pytest.raises(ExpectationError) as failure:
        check(*args, **options)
    assert len(str(failure.value).splitlines()) <= 34
    return failure.value


@pytest.fixture
def target(expect, postgres):
    """Makes a table in PostgreSQL of columns, and the target for it."""

    def make(name="t", **columns):
        postgres.put(f"public.{name}", pa.table(columns))
        return expect.table(name)

    return make


def test_the_same_rows_are_equal_in_every_service(expect):
    trips = expect.table("ny_taxi.trips")

    assert trips.equals(expect.bigquery("ny_taxi.trips")) is trips
    trips.equals(expect.objects("lake", "trips.parquet")).equals(trips.arrow(), order=True)
    expect.objects("lake", "parts/").equals(trips)


def test_a_difference_names_columns_and_rows_by_key(expect, postgres, trips):
    ids = trips.set_column(0, "trip_id", pa.array([1, 2, 3, 4, 5, 6]))
    found = ids.slice(1).set_column(3, "passengers", pa.array([7, 3, 0, 5, None]))
    found = pa.concat_tables([found, ids.slice(0, 1).set_column(0, "trip_id", pa.array([99]))])
    postgres.put("ny_taxi.found", found)
    postgres.put("ny_taxi.all", ids)

    error = failure_of(
        expect.table("ny_taxi.found").equals, expect.table("ny_taxi.all"), key="trip_id"
    )

    assert str(error) == (
        "Postgres table ny_taxi.found: expected the rows of Postgres table ny_taxi.all by trip_id,"
        " found 1 row missing, 1 row extra, 2 of 5 rows changed\n"
        "  evidence: column      expected  found\n"
        "            passengers  bigint    bigint  2 of 5 rows\n"
        "            trip_id  column      expected  found\n"
        "            2        passengers  null      7\n"
        "            6        passengers  6         null\n"
        "            missing, as in Postgres table ny_taxi.all:\n"
        "            row  trip_id  vendor_id  picked_up            passengers  distance  flag\n"
        "            0    1        1          2021-01-31 23:59:00  1           0.5       'N'\n"
        "            extra, as in Postgres table ny_taxi.found:\n"
        "            row  trip_id  vendor_id  picked_up            passengers  distance  flag\n"
        "            5    99       1          2021-01-31 23:59:00  1           0.5       'N'"
    )
    assert error.facts["missing"] == error.facts["extra"] == 1
    assert error.facts["changed"] == 2
    assert error.facts["columns"][0]["name"] == "passengers"
    assert error.facts["key"] == ["trip_id"]
    assert error.facts["about"] == "Postgres table ny_taxi.found"


def test_the_column_with_most_changed_rows_comes_first(target):
    found = target(k=[1, 2, 3], a=[1, 2, 0], b=["x", "x", "x"])

    lines = str(
        failure_of(
            found.equals, pa.table({"k": [3, 2, 1], "a": [3, 2, 1], "b": list("abc")}), key="k"
        )
    ).splitlines()

    assert lines[2].split() == ["b", "string", "text", "3", "of", "3", "rows"]
    assert lines[3].split() == ["a", "int64", "bigint", "1", "of", "3", "rows"]
    assert lines[5].split() == ["3", "b", "'a'", "'x'"]


def test_keys_that_several_rows_have_are_said_first(expect):
    error = failure_of(
        expect.table("ny_taxi.trips").equals, expect.bigquery("ny_taxi.trips"), key="trip_id"
    )

    assert "found 1 key more than once in BigQuery table ny_taxi.trips, 2 rows in all" in str(error)
    assert "2     4        2" in str(error)
    assert [one["rows"] for one in error.facts["repeated"]] == [2, 2]


def test_a_key_of_several_columns_has_nulls_that_are_equal(target):
    found = target(a=[1, None, None], b=["x", "x", None], v=[1, 2, 3])

    found.equals(
        [{"a": None, "v": 3}, {"b": "x", "v": 2}, {"a": 1, "b": "x", "v": 1}], key=["a", "b"]
    )
    error = failure_of(found.equals, [{"a": None, "b": "x", "v": 5}], key=("a", "b"))
    assert "2 rows extra, 1 of 1 row changed" in str(error)
    assert "null  'x'  v       5         2" in str(error)


def test_without_a_key_rows_count_as_often_as_they_occur(target):
    found = target(a=[1, 1, 2, 3], b=list("xxyz"))
    found.equals([{"a": 3, "b": "z"}, {"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 1, "b": "x"}])

    error = failure_of(
        found.equals,
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 2, "b": "y"}, {"a": 3, "b": "w"}],
    )

    assert str(error) == (
        "Postgres table public.t: expected the rows of the given rows,"
        " found 2 rows missing, 2 rows extra\n"
        "  evidence: columns with other values: a, b\n"
        "            missing (2), as in the given rows:\n"
        "            expected  found  a  b\n"
        "            2         1      2  'y'\n"
        "            1         0      3  'w'\n"
        "            extra (2), as in Postgres table public.t:\n"
        "            expected  found  a  b\n"
        "            1         2      1  'x'\n"
        "            0         1      3  'z'"
    )


def test_the_order_of_rows_counts_on_request(target):
    found = target(k=[1, 2, 3], v=["a", "b", "c"])
    turned = pa.table({"k": [3, 2, 1], "v": ["c", "b", "a"]})
    found.equals(turned).equals(turned, key="k").equals(turned.take([2, 1, 0]), order=True)

    assert "rows in another order" in str(failure_of(found.equals, turned, key="k", order=True))
    error = failure_of(found.equals, turned, order=True)
    assert "2 of 3 rows changed" in str(error)
    assert "0    k       3         1" in str(error)


def test_columns_are_missing_extra_or_named_in_another_way(target):
    found = target(vendorid=[1], picked_up=[1], more=[1])

    error = failure_of(found.equals, [{"VendorID": 1, "pickedUp": 1, "gone": 1}])

    message = str(error)
    assert "found columns 3 missing, 3 extra" in message
    assert "VendorID: it is there as vendorid: the same name in another case" in message
    assert "pickedUp: it is there as picked_up: the same letters" in message
    found.equals([{"more": 1}], ignoring=["vendorid", "picked_up"])


def test_tolerance_for_all_and_by_column(target):
    moment = dt.datetime.fromisoformat("2021-01-31 12:00")
    late = moment + dt.timedelta(milliseconds=5)
    found = target(
        k=[1, 2], f=[1.0, float("inf")], n=[10, 2**62], at=[moment, moment], s=["a", "b"]
    )
    near = [
        {"k": 1, "f": 1.001, "n": 11, "at": late, "s": "a"},
        {"k": 2, "f": float("inf"), "n": 2**62, "at": moment, "s": "b"},
    ]
    limits = {"f": 0.01, "n": 1, "at": dt.timedelta(milliseconds=5)}

    found.equals(near, key="k", tolerance=limits).equals(near, order=True, tolerance=limits)
    error = failure_of(found.equals, near, key="k", tolerance=0.0001)
    assert [one["name"] for one in error.facts["columns"]] == ["f", "n", "at"]
    with pytest.raises(InputError, match="which rows belong together"):
        found.equals(near, tolerance=0.1)
    with pytest.raises(InputError, match="a tolerance cannot be -1"):
        found.equals(near, key="k", tolerance=-1)


def test_two_sides_of_one_name(target):
    before = target(a=[1])
    before.arrow()
    after = target(a=[1], b=[2])

    assert "columns 1 extra" in str(failure_of(after.equals, before))
    with pytest.raises(InputError, match=r"by b: Postgres table public\.t has no such column"):
        after.equals(before, key="b")


def test_what_is_not_there_cannot_be_named(target):
    found = target(trip_id=[1], v=[2])

    with pytest.raises(InputError, match=r"no such column(.|\n)*nearest: trip_id"):
        found.equals([{"trip_id": 1, "v": 2}], key="tripid")
    with pytest.raises(InputError, match="neither side has"):
        found.equals([{"trip_id": 1, "v": 2}], ignoring="updated_at")
    with pytest.raises(InputError, match="by what it ignores"):
        found.equals([{"trip_id": 1}], key="v", ignoring="v")
    for nothing in (7, object(), [1, 2], {"a": 1}):
        with pytest.raises(InputError, match="is no table"):
            found.equals(nothing)


def test_tables_frames_and_files_can_be_expected(target, tmp_path, monkeypatch):
    import pandas as pd

    day = dt.date(2021, 1, 31)
    found = target(code=["007", None, ""], day=[day, day, None], n=[1, None, 3])
    table = found.arrow()
    monkeypatch.chdir(tmp_path)
    pq.write_table(table, "t.parquet")
    (tmp_path / "t.csv").write_text('code,day,n\n007,2021-01-31,1\n,2021-01-31,\n"",,3\n')
    (tmp_path / "t.jsonl").write_text(
        '{"code": "007", "day": "2021-01-31", "n": 1}\n{"code": null, "day": "2021-01-31", "n": null}\n'
        '{"code": "", "day": null, "n": 3}\n'
    )

    found.equals(table).equals("t.parquet").equals(tmp_path / "t.csv").equals("t.jsonl")
    found.equals(
        pd.DataFrame({"code": ["007", None, ""], "day": [day, day, None], "n": [1, None, 3]})
    )
    found.equals(table.to_reader())
    with pytest.raises(InputError, match="there is no file"):
        found.equals("u.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match="cannot be read"):
        found.equals("bad.parquet")
