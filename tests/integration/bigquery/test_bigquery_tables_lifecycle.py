"""Lifetimes, labels, filters and rules of datasets and tables."""

from __future__ import annotations

import datetime as dt

import pytest
from google.api_core.exceptions import BadRequest, NotFound, PreconditionFailed
from google.cloud import bigquery as bq

from harness.clock.clock import Clock

DAY = 86_400_000


def make(client, name="t", **kept):
    table = bq.Table(f"test-project.d.{name}", schema=[bq.SchemaField("a", "DATE")])
    for key, value in kept.items():
        setattr(table, key, value)
    return client.create_table(table)


def soon(milliseconds):
    return dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=milliseconds)


@pytest.fixture
def clock(stub):
    """Sets the stub's time, in days from now."""

    def later(days):
        clock = Clock()
        clock.set(days * 86_400)
        stub.keep_time(clock)

    yield later
    later(0)


def test_an_expired_table_is_gone(client, clock):
    make(client, expires=soon(DAY))
    make(client, "other")
    assert client.get_table("d.t").expires is not None
    clock(2)
    with pytest.raises(NotFound):
        client.get_table("d.t")
    with pytest.raises(NotFound):
        client.query_and_wait("SELECT * FROM d.t")
    assert [one.table_id for one in client.list_tables("d")] == ["other"]
    make(client)


def test_an_expiration_may_be_moved_and_removed(client):
    table = make(client, expires=soon(DAY))
    table.expires = None
    assert client.update_table(table, ["expires"]).expires is None
    with pytest.raises(BadRequest, match="must be in the future"):
        make(client, "late", expires=soon(-1000))


def test_a_dataset_gives_its_tables_a_lifetime(client):
    dataset = client.get_dataset("d")
    dataset.default_table_expiration_ms = 3_600_000
    dataset.default_partition_expiration_ms = DAY
    client.update_dataset(
        dataset, ["default_table_expiration_ms", "default_partition_expiration_ms"]
    )
    table = make(client)
    assert (table.expires - table.created).total_seconds() == 3600
    cut = make(client, "cut", time_partitioning=bq.TimePartitioning(field="a"))
    assert cut.expires is None
    assert cut.time_partitioning.expiration_ms == DAY
    client.query_and_wait("CREATE TABLE d.by_query AS SELECT 1 AS a")
    assert client.get_table("d.by_query").expires is not None


def test_labels_are_merged_and_removed(client):
    table = make(client, labels={"a": "1", "b": "2"})
    table.labels = {"a": None, "c": "3"}
    assert client.update_table(table, ["labels"]).labels == {"b": "2", "c": "3"}


def test_datasets_are_found_by_label(client):
    for name, labels in (("one", {"k": "v"}), ("two", {"k": "w", "x": "y"})):
        dataset = bq.Dataset(f"test-project.{name}")
        dataset.labels = labels
        client.create_dataset(dataset)

    def found(wanted):
        return [one.dataset_id for one in client.list_datasets(filter=wanted)]

    assert found("labels.k") == ["one", "two"]
    assert found("labels.k:w") == ["two"]
    assert found("labels.k labels.x:y") == ["two"]
    assert found("labels.none") == []
    with pytest.raises(BadRequest, match="Invalid filter"):
        found("name:one")


def test_clustering_is_checked(client):
    with pytest.raises(BadRequest, match="Invalid field: none"):
        make(client, clustering_fields=["none"])
    table = make(client)
    table.clustering_fields = ["a"]
    assert client.update_table(table, ["clustering_fields"]).clustering_fields == ["a"]
    table = client.get_table("d.t")
    table.clustering_fields = None
    assert client.update_table(table, ["clustering_fields"]).clustering_fields is None


def test_partitions_cannot_be_changed(client):
    table = make(client, time_partitioning=bq.TimePartitioning(field="a"))
    table.time_partitioning = bq.TimePartitioning(type_="MONTH", field="a")
    with pytest.raises(BadRequest, match="Cannot change partitioning"):
        client.update_table(table, ["time_partitioning"])


def test_a_partition_is_deleted_and_read_alone(client):
    make(client, time_partitioning=bq.TimePartitioning(field="a"))
    client.query_and_wait(
        "INSERT INTO d.t (a) VALUES (DATE '2021-01-31'), (DATE '2021-01-31'), (DATE '2021-02-01')"
    )
    shown = client.list_rows(
        "d.t$20210131", selected_fields=[bq.SchemaField("a", "DATE")], page_size=1
    )
    assert [page.num_items for page in shown.pages] == [1, 1]
    client.delete_table("d.t$20210131")
    assert [str(row.a) for row in client.list_rows("d.t")] == ["2021-02-01"]
    with pytest.raises(NotFound):
        client.delete_table("d.t$20210131")
    assert client.get_table("d.t").num_rows == 1


def test_a_dataset_changed_meanwhile_is_not_changed(client):
    old = client.get_dataset("d")
    new = client.get_dataset("d")
    new.description = "first"
    client.update_dataset(new, ["description"])
    old.description = "second"
    with pytest.raises(PreconditionFailed, match="Precondition Failed"):
        client.update_dataset(old, ["description"])


def test_what_would_behave_otherwise_is_refused_by_name(client):
    dataset = bq.Dataset("test-project.other")
    dataset.is_case_insensitive = True
    with pytest.raises(BadRequest, match="a dataset with isCaseInsensitive"):
        client.create_dataset(dataset)
    fine = bq.SchemaField(
        "a", "TIMESTAMP", timestamp_precision=bq.enums.TimestampPrecision.PICOSECOND
    )
    with pytest.raises(BadRequest, match="timestampPrecision of field a"):
        client.create_table(bq.Table("test-project.d.fine", schema=[fine]))
