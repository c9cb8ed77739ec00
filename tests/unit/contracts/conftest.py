from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from harness.contracts.check import check
from harness.contracts.draft import contract_of
from harness.contracts.facts import facts_of
from harness.contracts.reader import parse_document
from harness.contracts.text import new_text
from harness.contracts.update import updated
from harness.errors import MissingSinkError
from harness.services.protocol import Column, Sink

_POSTGRES = {
    "int64": "bigint",
    "int32": "integer",
    "double": "double precision",
    "string": "text",
    "bool": "boolean",
    "timestamp[us]": "timestamp without time zone",
    "timestamp[us, tz=UTC]": "timestamp with time zone",
    "date32[day]": "date",
}
FILE = Path("contracts/shop.yaml")


class Held:
    """A service that holds Arrow tables; PostgreSQL's types are named as it does."""

    def __init__(self, name):
        self.name = name
        self.tables: dict[str, pa.Table | None] = {}
        self.parts: dict[str, dict[str, int]] = {}
        self.keys: dict[str, tuple[str, ...]] = {}

    def inventory(self):
        return [self.describe(name) for name in sorted(self.tables)]

    def describe(self, name):
        if name not in self.tables:
            raise MissingSinkError(f"there is no {name}")
        table = self.tables[name]
        if table is None:
            return Sink(service=self.name, name=name, rows=None)
        names = _POSTGRES if self.name == "postgres" else {}
        columns = tuple(
            Column(
                name=field.name,
                type=names.get(str(field.type), str(field.type)),
                nullable=field.nullable,
            )
            for field in table.schema
        )
        return Sink(service=self.name, name=name, rows=table.num_rows, columns=columns)

    def read(self, name):
        return self.tables[name]

    def partitions(self, name):
        return self.parts.get(name, {})

    def primary_key(self, name):
        return self.keys.get(name, ())


class Shop:
    """Three services, and the contract of the pipeline ``shop`` that writes to them."""

    def __init__(self):
        self.services = {name: Held(name) for name in ("postgres", "gcs", "bigquery")}

    def put(self, service, name, table, *, parts=None, key=()):
        held = self.services[service]
        held.tables[name] = pa.table(table) if isinstance(table, dict) else table
        held.parts[name] = parts or {}
        held.keys[name] = tuple(key)

    def wrote(self):
        return [(one, name) for one, held in self.services.items() for name in held.tables]

    def facts(self):
        return [facts_of(self.services, *sink) for sink in self.wrote()]

    def drafted(self, **options):
        return contract_of("shop", self.facts(), **options)

    def text(self, **options):
        return new_text(self.drafted(**options))

    def document(self, text=None):
        return parse_document(self.text() if text is None else text, file=FILE)

    def differences(self, text, *, wrote=True):
        document = self.document(text)
        return check(document, self.services, wrote=self.wrote() if wrote else None)

    def told(self, text):
        """Each difference as (column or sink, rule, expected, found, line)."""
        return [
            (one.column or one.sink, one.rule, one.expected, one.found, one.line)
            for one in self.differences(text)
        ]

    def updated(self, text):
        document = self.document(text)
        found = check(document, self.services, wrote=self.wrote())
        return updated(document, found, self.services).text


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def trips() -> pa.Table:
    """Six trips; the flag has a null."""
    return pa.table(
        {
            "trip_id": pa.array(range(1, 7), pa.int64()),
            "passengers": pa.array([1, 2, 1, 2, 1, 2], pa.int64()),
            "distance": pa.array([0.5, 1.5, 2.25, 3.0, 4.0, 5.0], pa.float64()),
            "flag": pa.array(["N", "Y", "N", "Y", "N", None], pa.string()),
        }
    )
