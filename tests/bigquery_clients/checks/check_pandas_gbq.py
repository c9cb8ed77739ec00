"""pandas-gbq, led here by BIGQUERY_EMULATOR_HOST and GOOGLE_APPLICATION_CREDENTIALS."""

from __future__ import annotations

import datetime as dt
import decimal

import pandas as pd
import pandas_gbq
import pytest
from pandas_gbq.exceptions import GenericGBQException, InvalidSchema, TableCreationError

DAY = dt.date(2021, 1, 31)


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "number": [1, 2, 3],
            "word": ["a", "b", None],
            "share": [1.5, None, 3.0],
            "paid": [True, False, True],
            "local": pd.to_datetime(["2021-01-31 10:00", "2021-01-31 11:00", None]),
            "moment": pd.to_datetime(["2021-01-31", "2021-01-31", None], utc=True),
            "day": [DAY, DAY, DAY],
        }
    )


@pytest.mark.parametrize("method", ["load_parquet", "load_csv"])
def test_a_frame_comes_back_as_it_went(frame, dataset, method) -> None:
    pandas_gbq.to_gbq(frame, f"{dataset}.t", api_method=method, progress_bar=False)

    back = pandas_gbq.read_gbq(f"SELECT * FROM {dataset}.t ORDER BY number", progress_bar_type=None)
    assert {name: str(kind) for name, kind in back.dtypes.items()} == {
        "number": "Int64",
        "word": "str",
        "share": "float64",
        "paid": "boolean",
        "local": "datetime64[us]",
        "moment": "datetime64[us, UTC]",
        "day": "dbdate",
    }
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)


def test_a_dataset_that_is_not_there_is_made(frame, client) -> None:
    pandas_gbq.to_gbq(frame, "made_by_pandas.t", progress_bar=False)
    assert client.get_table("made_by_pandas.t").num_rows == 3


def test_fail_replace_and_append(frame, dataset, client) -> None:
    table = f"{dataset}.t"
    pandas_gbq.to_gbq(frame, table, progress_bar=False)
    with pytest.raises(TableCreationError):
        pandas_gbq.to_gbq(frame, table, if_exists="fail", progress_bar=False)
    pandas_gbq.to_gbq(frame, table, if_exists="append", progress_bar=False)
    assert client.get_table(table).num_rows == 6
    pandas_gbq.to_gbq(frame[["word"]], table, if_exists="replace", progress_bar=False)
    assert [field.name for field in client.get_table(table).schema] == ["word"]
    assert client.get_table(table).num_rows == 3


def test_chunks_of_csv(frame, dataset, client) -> None:
    for _ in range(2):
        with pytest.warns(PendingDeprecationWarning, match="chunksize"):
            pandas_gbq.to_gbq(
                frame,
                f"{dataset}.t",
                api_method="load_csv",
                chunksize=2,
                if_exists="append",
                progress_bar=False,
            )
    assert client.get_table(f"{dataset}.t").num_rows == 6
    jobs = [job for job in client.list_jobs() if job.destination.dataset_id == dataset]
    assert [job.output_rows for job in jobs] == [1, 2, 1, 2]


def test_a_table_schema_decides_the_types(dataset, client) -> None:
    frame = pd.DataFrame({"price": [decimal.Decimal("1.25")], "day": ["2021-01-31"]})
    schema = [{"name": "price", "type": "NUMERIC"}, {"name": "day", "type": "DATE"}]
    pandas_gbq.to_gbq(
        frame, f"{dataset}.t", table_schema=schema, api_method="load_csv", progress_bar=False
    )
    fields = client.get_table(f"{dataset}.t").schema
    assert [(field.name, field.field_type) for field in fields] == [
        ("price", "NUMERIC"),
        ("day", "DATE"),
    ]


def test_another_schema_is_refused(frame, dataset) -> None:
    pandas_gbq.to_gbq(frame, f"{dataset}.t", progress_bar=False)
    with pytest.raises(InvalidSchema):
        pandas_gbq.to_gbq(
            pd.DataFrame({"other": [1]}), f"{dataset}.t", if_exists="append", progress_bar=False
        )


def test_a_whole_table_and_a_part_of_it(frame, dataset) -> None:
    pandas_gbq.to_gbq(frame, f"{dataset}.t", progress_bar=False)
    assert pandas_gbq.read_gbq(f"{dataset}.t", progress_bar_type=None).shape == (3, 7)
    few = pandas_gbq.read_gbq(f"{dataset}.t", max_results=2, progress_bar_type=None)
    assert few.shape == (2, 7)
    chosen = pandas_gbq.read_gbq(
        f"SELECT number, word, paid FROM {dataset}.t ORDER BY number",
        index_col="number",
        columns=["paid", "word"],
        progress_bar_type=None,
    )
    assert list(chosen.columns) == ["paid", "word"]
    assert list(chosen.index) == [1, 2, 3]


def test_progress_is_shown(frame, dataset, capfd) -> None:
    pandas_gbq.to_gbq(frame, f"{dataset}.t", progress_bar=True)
    pandas_gbq.read_gbq(f"SELECT * FROM {dataset}.t", progress_bar_type="tqdm")
    assert "100%" in "".join(capfd.readouterr())


def test_a_dry_run_tells_the_bytes(frame, dataset) -> None:
    pandas_gbq.to_gbq(frame, f"{dataset}.t", progress_bar=False)
    told = pandas_gbq.read_gbq(f"SELECT number FROM {dataset}.t", dry_run=True)
    assert told["totalBytesProcessed"] == 24
    assert told["statementType"] == "SELECT"


def test_parameters_by_configuration(frame, dataset) -> None:
    pandas_gbq.to_gbq(frame, f"{dataset}.t", progress_bar=False)
    parameter = {
        "name": "least",
        "parameterType": {"type": "INT64"},
        "parameterValue": {"value": 2},
    }
    back = pandas_gbq.read_gbq(
        f"SELECT number FROM {dataset}.t WHERE number >= @least ORDER BY number",
        configuration={"query": {"parameterMode": "NAMED", "queryParameters": [parameter]}},
        progress_bar_type=None,
    )
    assert list(back["number"]) == [2, 3]


def test_types_that_pandas_has_no_word_for() -> None:
    sql = """SELECT [1, 2] AS list, STRUCT(1 AS x, 'q' AS y) AS pair, NUMERIC '1.5' AS price,
        TIME '10:00:00' AS at, b'ab' AS raw, CAST(NULL AS DATE) AS none"""
    row = pandas_gbq.read_gbq(sql, progress_bar_type=None).iloc[0]
    assert list(row["list"]) == [1, 2]
    assert row["pair"] == {"x": 1, "y": "q"}
    assert row["price"] == decimal.Decimal("1.5")
    assert row["at"] == dt.time(10)
    assert row["raw"] == b"ab"
    assert pd.isna(row["none"])


def test_errors_are_those_of_bigquery(dataset) -> None:
    with pytest.raises(GenericGBQException, match=r"Unrecognized name: nothing at \[1:8\]"):
        pandas_gbq.read_gbq("SELECT nothing", progress_bar_type=None)
    with pytest.raises(GenericGBQException, match="Not found: Table"):
        pandas_gbq.read_gbq(f"SELECT 1 FROM {dataset}.none", progress_bar_type=None)
