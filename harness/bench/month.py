"""A project of one pipeline that carries a month of taxi trips from a file to PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

PIPELINE = "month"
TABLE = "ny_taxi.yellow_cab_data"
ROWS = 1_300_000
"""As many as a month of yellow taxi has: 1,369,765 in January 2021."""
_FILE = "trips.parquet"
_METADATA = """uuid: month
name: month
type: python
blocks:
- {name: load_month, uuid: load_month, type: data_loader, language: python, upstream_blocks: [],
   downstream_blocks: [drop_empty_trips]}
- {name: drop_empty_trips, uuid: drop_empty_trips, type: transformer, language: python,
   upstream_blocks: [load_month], downstream_blocks: [month_to_postgres]}
- {name: month_to_postgres, uuid: month_to_postgres, type: data_exporter, language: python,
   upstream_blocks: [drop_empty_trips], downstream_blocks: []}
"""
_LOADER = """from os import path

import pandas as pd
from mage_ai.settings.repo import get_repo_path

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_month(*args, **kwargs):
    return pd.read_parquet(path.join(get_repo_path(), 'trips.parquet'))


@test
def test_there_are_trips(output, *args) -> None:
    assert len(output) > 0, 'There are no trips'
"""
_TRANSFORMER = """if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def drop_empty_trips(data, *args, **kwargs):
    return data[data['passenger_count'].fillna(0) > 0].reset_index(drop=True)


@test
def test_every_trip_has_passengers(output, *args) -> None:
    assert (output['passenger_count'] > 0).all(), 'There are trips without passengers'
"""
_EXPORTER = """from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def month_to_postgres(df, **kwargs) -> None:
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with Postgres.with_config(config) as loader:
        loader.export(df, 'ny_taxi', 'yellow_cab_data', index=False, if_exists='replace')
"""
_IO_CONFIG = """version: 0.1.1
default:
  POSTGRES_DBNAME: taxi
  POSTGRES_USER: taxi
  POSTGRES_PASSWORD: "{{ env_var('POSTGRES_PASSWORD') }}"
  POSTGRES_HOST: localhost
  POSTGRES_PORT: 5432
"""
_FILES = {
    "metadata.yaml": "project_type: standalone\nhelp_improve_mage: false\n",
    "io_config.yaml": _IO_CONFIG,
    f"pipelines/{PIPELINE}/metadata.yaml": _METADATA,
    "data_loaders/load_month.py": _LOADER,
    "transformers/drop_empty_trips.py": _TRANSFORMER,
    "data_exporters/month_to_postgres.py": _EXPORTER,
}
_TRIPS = """
    WITH numbered AS (SELECT i, TIMESTAMP '2021-01-01' + to_seconds(whole(i + 1, 2678400)) AS pickup
                        FROM range({rows}) AS t(i))
    SELECT 1 + whole(i, 2) AS "VendorID",
           pickup AS tpep_pickup_datetime,
           pickup + to_seconds(60 + whole(i + 2, 3600)) AS tpep_dropoff_datetime,
           CASE WHEN i % 10 = 0 THEN 0 WHEN i % 13 = 0 THEN NULL ELSE 1 + whole(i + 3, 6) END
               AS passenger_count,
           money(i + 4, 5000) AS trip_distance,
           1 + whole(i + 5, 6) AS "RatecodeID",
           ['N', 'Y'][1 + whole(i + 6, 2)] AS store_and_fwd_flag,
           1 + whole(i + 7, 265) AS "PULocationID",
           1 + whole(i + 8, 265) AS "DOLocationID",
           1 + whole(i + 9, 4) AS payment_type,
           money(i + 10, 10000) AS fare_amount,
           money(i + 11, 200) AS extra,
           0.5::DOUBLE AS mta_tax,
           money(i + 12, 2000) AS tip_amount,
           money(i + 13, 1000) AS tolls_amount,
           0.3::DOUBLE AS improvement_surcharge,
           money(i + 14, 15000) AS total_amount,
           2.5::DOUBLE AS congestion_surcharge
      FROM numbered
"""
_MACROS = """
    CREATE MACRO whole(seed, most) AS CAST(hash(seed) % most AS BIGINT);
    CREATE MACRO money(seed, most) AS whole(seed, most) / 100
"""


def with_passengers(rows: int) -> int:
    """Of so many trips, those that the pipeline keeps.

    Every tenth carries nobody, and of every thirteenth nobody knows.

    Args:
        rows: How many trips; a multiple of 130.
    """
    return rows - rows // 10 - rows // 13 + rows // 130


def month_project(folder: Path, *, rows: int = ROWS) -> Path:
    """Write the project and its month, the same rows each time.

    Args:
        folder: Where; the project is a folder in it.
        rows: How many trips; a multiple of 130.

    Returns:
        The project's folder.
    """
    project = folder / "bench_month"
    for name, text in _FILES.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    with duckdb.connect() as connection:
        connection.execute(_MACROS)
        trips = connection.sql(_TRIPS.format(rows=rows))
        trips.write_parquet(str(project / _FILE), compression="snappy")
    return project
