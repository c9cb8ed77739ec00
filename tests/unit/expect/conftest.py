from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from harness.errors import MissingSinkError
from harness.expect import Expect
from harness.services.protocol import Column, Sink

_POSTGRES = {
    "int64": "bigint",
    "int32": "integer",
    "double": "double precision",
    "string": "text",
    "timestamp[us]": "timestamp without time zone",
    "date32[day]": "date",
}
_BIGQUERY = {
    "int64": "INTEGER",
    "double": "FLOAT",
    "string": "STRING",
    "timestamp[us, tz=UTC]": "TIMESTAMP",
    "date32[day]": "DATE",
}


class FakeService:
    """A service that holds Arrow tables; the types' own names are those of the real one."""

    def __init__(self, name, types=None):
        self.name = name
        self.types = types or {}
        self.tables: dict[str, pa.Table | None] = {}
        self.parts: dict[str, dict[str, int]] = {}
        self.reads = 0

    def put(self, name, table, parts=None):
        self.tables[name] = table
        self.parts[name] = parts or {}

    def inventory(self):
        return [self.describe(name) for name in sorted(self.tables)]

    def describe(self, name):
        if name not in self.tables:
            raise MissingSinkError(f"there is no {name}", evidence=[f"nearest: {min(self.tables)}"])
        table = self.tables[name]
        if table is None:
            return Sink(service=self.name, name=name, rows=None)
        columns = tuple(
            Column(name=field.name, type=self.types.get(str(field.type), str(field.type)))
            for field in table.schema
        )
        return Sink(service=self.name, name=name, rows=table.num_rows, columns=columns)

    def read(self, name):
        self.reads += 1
        return self.tables[name]

    def partitions(self, name):
        return self.parts[name]


@pytest.fixture
def trips() -> pa.Table:
    """Six trips with a null, a NaN, a duplicate and a pick-up in the wrong month."""
    day = dt.datetime.fromisoformat("2021-01-31 23:59")
    return pa.table(
        {
            "trip_id": pa.array([1, 2, 3, 4, 4, 6], pa.int64()),
            "vendor_id": pa.array([1, 2, 1, 2, 1, 2], pa.int32()),
            "picked_up": pa.array(
                [day, day, day, day, day, dt.datetime.fromisoformat("2021-02-01")],
                pa.timestamp("us"),
            ),
            "passengers": pa.array([1, None, 3, 0, 5, 6], pa.int64()),
            "distance": pa.array([0.5, 1.5, float("nan"), -2.0, 100.0, 7.25], pa.float64()),
            "flag": pa.array(["N", "Y", "N", "", "N", None], pa.string()),
        }
    )


@pytest.fixture
def postgres(trips) -> FakeService:
    service = FakeService("postgres", _POSTGRES)
    service.put("ny_taxi.trips", trips)
    service.put("public.zones", pa.table({"zone": ["a", "b"]}))
    return service


@pytest.fixture
def gcs(trips) -> FakeService:
    service = FakeService("gcs")
    service.put("lake/trips.parquet", trips)
    service.put(
        "lake/trips/",
        trips,
        {"day=2021-01-31": 5, "day=2021-02-01": 1},
    )
    service.put("lake/parts/a.parquet", trips.slice(0, 2))
    service.put("lake/parts/b.parquet", trips.slice(2))
    service.put("lake/parts/_SUCCESS", None)
    service.put("lake/mixed/a.csv", trips.select(["trip_id", "flag"]))
    service.put("lake/mixed/b.csv", trips.select(["trip_id", "distance"]))
    service.put("lake/note.txt", None)
    return service


@pytest.fixture
def bigquery(trips) -> FakeService:
    service = FakeService("bigquery", _BIGQUERY)
    service.put("ny_taxi.trips", trips, {"20210131": 5, "20210201": 1})
    return service


@pytest.fixture
def expect(postgres, gcs, bigquery) -> Expect:
    return Expect(postgres=postgres, gcs=gcs, bigquery=bigquery)
