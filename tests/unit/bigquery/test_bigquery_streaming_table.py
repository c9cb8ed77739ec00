"""Rows that are streamed in while their table is removed."""

from __future__ import annotations

import threading

import pytest

from harness.bigquery.catalog import Catalog
from harness.bigquery.database import Database
from harness.bigquery.entries import Dataset, Table, TableRef
from harness.bigquery.rest.streaming import Streamed, stream
from harness.bigquery.rest.uploads import Uploads
from harness.bigquery.types import Field

REF = TableRef(project="p", dataset="d", table="t")


@pytest.fixture
def catalog():
    database = Database()
    catalog = Catalog(database, location="US")
    catalog.add_dataset(Dataset(project="p", name="d", location="US", created=1, modified=1))
    fields = (Field(name="a", type="INT64"),)
    table = Table(ref=REF, fields=fields, rows_in=database.create(fields), created=1, modified=1)
    catalog.put_table(table)
    yield catalog
    database.close()


def streamed_in(catalog, streamed):
    uploads = Uploads()
    try:
        return stream(catalog, streamed, {"rows": [{"json": {"a": 1}}]}, ref=REF, uploads=uploads)
    finally:
        uploads.clear()


def test_the_table_is_looked_up_while_nobody_else_changes_it(catalog, monkeypatch):
    free = []

    def try_lock():
        free.append(catalog.lock.acquire(blocking=False))

    def look(ref, find=catalog.find_table):
        other = threading.Thread(target=try_lock)
        other.start()
        other.join()
        return find(ref)

    monkeypatch.setattr(catalog, "find_table", look)
    assert streamed_in(catalog, Streamed()) == []
    assert set(free) == {False}


def test_a_table_that_is_gone_is_not_made_again(catalog):
    class Removing(Streamed):
        def new(self, table, rows):
            catalog.remove_table(table.ref)
            return super().new(table, rows)

    (answer,) = streamed_in(catalog, Removing())
    assert "Not found: Table p:d.t" in answer["errors"][0]["message"]
    assert catalog.find_table(REF) is None
