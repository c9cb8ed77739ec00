"""Months of taxi data that the pipelines run over, and what is true of each by DuckDB alone."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.warm import warmed

ROOT = Path(__file__).parents[3]
RELEASES = "https://github.com/DataTalksClub/nyc-tlc-data/releases/download/yellow"
TLC_COLUMNS = (
    "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,"
    "store_and_fwd_flag,PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,"
    "tip_amount,tolls_amount,improvement_surcharge,total_amount,congestion_surcharge"
)


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of trips.

    Attributes:
        file: The csv.gz file.
        year: The pipelines' variable.
        month: The pipelines' variable.
        mapped: Whether the file must be mapped to its URL; else it is recorded under fixtures/.
    """

    file: Path
    year: int
    month: int
    mapped: bool

    @property
    def url(self) -> str:
        return f"{RELEASES}/yellow_tripdata_{self.year}-{self.month:02d}.csv.gz"

    @property
    def variables(self) -> dict[str, int]:
        return {"year": self.year, "month": self.month}

    def query(self, sql: str) -> list[tuple]:
        """Ask DuckDB about the trips with passengers, the table ``trips``."""
        with duckdb.connect() as connection:
            connection.execute(
                f"CREATE VIEW trips AS SELECT * FROM read_csv('{self.file}') "
                "WHERE passenger_count > 0"
            )
            return connection.execute(sql).fetchall()

    @property
    def rows(self) -> int:
        return self.query("SELECT count(*) FROM trips")[0][0]

    @property
    def all_rows(self) -> int:
        return duckdb.sql(f"SELECT count(*) FROM read_csv('{self.file}')").fetchall()[0][0]

    @property
    def rows_by_date(self) -> dict[str, int]:
        found = self.query(
            "SELECT strftime(tpep_pickup_datetime, '%Y-%m-%d'), count(*) FROM trips GROUP BY 1"
        )
        return dict(found)


def generated(_taxi: Path | None, _folder: Path) -> Month:
    (file,) = (ROOT / "fixtures" / "http").glob("**/*2021-01.csv.gz")
    return Month(file=file, year=2021, month=1, mapped=False)


def real_2021(taxi: Path, _folder: Path) -> Month:
    file = taxi / "derived_yellow_tripdata_2021-01.csv.gz"
    return Month(file=file, year=2021, month=1, mapped=True)


def real_2019(taxi: Path, folder: Path) -> Month:
    """The sample of 2019 has renamed columns; the TLC's own names are put back."""
    text = (taxi / "yellow_tripdata_sample_2019-01.csv").read_bytes().replace(b"\r\n", b"\n")
    lines = text.split(b"\n", 1)[1]
    file = folder / "yellow_tripdata_2019-01.csv.gz"
    with gzip.open(file, "wb") as packed:
        packed.write(TLC_COLUMNS.encode() + b"\n" + lines)
    return Month(file=file, year=2019, month=1, mapped=True)


@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return warmed(mage_settings)


@pytest.fixture(params=[generated, real_2021, real_2019], ids=lambda make: make.__name__)
def month(request: pytest.FixtureRequest, tmp_path: Path, http) -> Month:
    make = request.param
    taxi = None if make is generated else request.getfixturevalue("shared_taxi")
    month = make(taxi, tmp_path)
    if month.mapped:
        http.map(month.url, month.file)
    return month


@pytest.fixture
def generated_month(tmp_path: Path) -> Month:
    return generated(None, tmp_path)


@pytest.fixture
def copy_of_project(tmp_path: Path) -> Path:
    """A copy of the shipped project that a test may spoil."""
    return Path(shutil.copytree(ROOT / "mage_zoomcamp", tmp_path / "copy" / "mage_zoomcamp"))
