"""polars over the google client and over SQLAlchemy."""

from __future__ import annotations

import datetime as dt
import io

import polars as pl
import sqlalchemy as sa
from google.cloud import bigquery

FRAME = pl.DataFrame(
    {
        "number": [1, 2, None],
        "word": ["a", None, "c"],
        "day": [dt.date(2021, 1, 31)] * 3,
        "words": [["x"], ["y", "z"], []],
        "pair": [{"x": 1, "y": "q"}, {"x": None, "y": None}, {"x": 2, "y": "r"}],
    }
)


def test_a_frame_goes_as_parquet_and_comes_back_as_arrow(client, dataset) -> None:
    # As polars' own guide does it.
    options = bigquery.ParquetOptions()
    options.enable_list_inference = True
    with io.BytesIO() as stream:
        FRAME.write_parquet(stream)
        stream.seek(0)
        client.load_table_from_file(
            stream,
            f"{dataset}.t",
            job_config=bigquery.LoadJobConfig(
                source_format=bigquery.SourceFormat.PARQUET, parquet_options=options
            ),
        ).result()

    back = pl.from_arrow(client.query_and_wait(f"SELECT * FROM {dataset}.t").to_arrow())
    assert back.schema == FRAME.schema
    assert back.sort("number").equals(FRAME.sort("number"))


def test_read_database(client, dataset) -> None:
    client.query_and_wait(f"CREATE TABLE {dataset}.t AS SELECT 1 AS number, 'a' AS word")
    engine = sa.create_engine(f"bigquery://{client.project}/{dataset}")
    with engine.connect() as connection:
        back = pl.read_database("SELECT * FROM t", connection)
    assert back.rows() == [(1, "a")]
