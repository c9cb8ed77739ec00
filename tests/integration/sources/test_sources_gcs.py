"""Objects of a source Cloud Storage: what is asked for comes over, and becomes a seed."""

from __future__ import annotations

import gzip
from contextlib import closing, contextmanager

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from pyarrow import fs

from harness.errors import InputError
from harness.running.session import Session
from harness.settings import Settings
from tests.integration.sources.conftest import PROJECT, keep


def client_of(address):
    return storage.Client(
        project="harness-project",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": address},
    )


@pytest.fixture(scope="module")
def source(gcs_source):
    with closing(gcs_source.client()) as client:
        bucket = client.create_bucket("lake")
        client.create_bucket("empty")
        blob = bucket.blob("notes/a b%2Fé.txt")
        blob.metadata = {"owner": "me"}
        blob.upload_from_string("hello", content_type="text/x-notes")
        blob = bucket.blob("packed.json")
        blob.content_encoding = "gzip"
        blob.upload_from_string(gzip.compress(b'{"a": 1}'), content_type="application/json")
        for day in ("2021-01-01", "2021-01-02"):
            sink = pa.BufferOutputStream()
            pq.write_table(pa.table({"n": range(3)}), sink)
            name = f"trips/day={day}/part.parquet"
            bucket.blob(name).upload_from_string(sink.getvalue().to_pybytes())
        bucket.blob("trips/").upload_from_string(b"")
        bucket.blob("out/old.csv").upload_from_string("old")
        bucket.blob("large.csv").upload_from_string("n\n" + "\n".join(map(str, range(300_000))))
        bucket.blob("other/unread.csv").upload_from_string("x")
    return gcs_source


@pytest.fixture
def pipeline(record, source):
    """A client on the way that pipelines take, and what it has read as seeds afterwards."""

    @contextmanager
    def opened(**options):
        with record(gcs=source.endpoint, **options) as found:
            address = found.session.stack.environment()["STORAGE_EMULATOR_HOST"]
            with closing(client_of(address)) as client:
                yield client, address
            found.session.stack.incidents(0)
            keep(found)

    return opened


@contextmanager
def planted(tmp_path):
    with Session(Settings(project=PROJECT, fixtures=tmp_path / "fixtures")) as session:
        session.plant()
        with closing(session.stack.gcs.client()) as client:
            yield client


def seeds(tmp_path):
    folder = tmp_path / "fixtures" / "seeds" / "gcs"
    return sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())


def test_objects_come_over_as_they_are_stored(pipeline, tmp_path):
    with pipeline() as (client, _):
        bucket = client.bucket("lake")
        assert bucket.blob("notes/a b%2Fé.txt").download_as_text() == "hello"
        assert bucket.blob("packed.json").download_as_bytes() == b'{"a": 1}'
        assert not bucket.blob("none.txt").exists()
        assert client.lookup_bucket("empty") is not None
        assert client.lookup_bucket("nowhere") is None
    assert seeds(tmp_path) == [
        *("empty/.keep", "lake/.keep", "lake/notes/a b%2Fé.txt", "lake/packed.json"),
    ]
    with planted(tmp_path) as client:
        assert client.lookup_bucket("empty") is not None
        blob = client.bucket("lake").get_blob("notes/a b%2Fé.txt")
        assert (blob.content_type, blob.metadata) == ("text/x-notes", {"owner": "me"})
        blob = client.bucket("lake").get_blob("packed.json")
        assert (blob.content_type, blob.content_encoding) == ("application/json", "gzip")
        assert blob.download_as_bytes() == b'{"a": 1}'


def test_listings_and_datasets_of_arrow(pipeline, tmp_path):
    with pipeline() as (client, address):
        names = [blob.name for blob in client.list_blobs("lake", prefix="trips/day=2021-01-01")]
        assert names == ["trips/day=2021-01-01/part.parquet"]
        host = address.removeprefix("http://")
        files = fs.GcsFileSystem(anonymous=True, scheme="http", endpoint_override=host)
        table = pq.read_table("lake/trips", filesystem=files)
        assert table.num_rows == 6
        assert set(table.column("day").to_pylist()) == {"2021-01-01", "2021-01-02"}
    assert seeds(tmp_path)[1:] == [
        f"lake/trips/day={day}/part.parquet" for day in ("2021-01-01", "2021-01-02")
    ]


def test_what_the_pipeline_writes_is_no_source(pipeline, source, tmp_path):
    with pipeline() as (client, _):
        bucket = client.get_bucket("lake")
        bucket.blob("out/old.csv").upload_from_string("new")
        bucket.blob("out/new.csv").upload_from_string("new")
        found = {b.name: b.download_as_text() for b in client.list_blobs(bucket, prefix="out/")}
        assert found == {"out/old.csv": "new", "out/new.csv": "new"}
        bucket.blob("notes/a b%2Fé.txt").delete()
    with closing(source.client()) as client:
        assert client.bucket("lake").blob("out/old.csv").download_as_text() == "old"
        assert client.bucket("lake").blob("notes/a b%2Fé.txt").exists()
        assert not client.bucket("lake").blob("out/new.csv").exists()
    assert seeds(tmp_path) == ["lake/.keep", "lake/notes/a b%2Fé.txt"]


def test_a_folder_is_seen_and_opened_when_it_is_asked_for(pipeline, tmp_path):
    with pipeline() as (client, _):
        top = client.list_blobs("lake", prefix="trips/", delimiter="/")
        assert [blob.name for blob in top] == []
        assert top.prefixes == {"trips/day=2021-01-01/", "trips/day=2021-01-02/"}
        inner = client.list_blobs("lake", prefix="trips/day=2021-01-02/", delimiter="/")
        assert [blob.name for blob in inner] == ["trips/day=2021-01-02/part.parquet"]


def test_what_came_over_is_written_by_nobody(record, source):
    with record(gcs=source.endpoint) as found:
        stack = found.session.stack
        with closing(client_of(stack.environment()["STORAGE_EMULATOR_HOST"])) as client:
            bucket = client.bucket("lake")
            assert bucket.blob("other/unread.csv").exists()
            bucket.blob("other/unread.csv.bak").upload_from_string("mine")
        assert [sink.name for sink in stack.inventory()] == ["lake/other/unread.csv.bak"]


def test_a_large_object_is_refused_or_sampled(pipeline, tmp_path):
    with pytest.raises(InputError, match="more than 1 MiB"), pipeline(mib=1) as (client, _):
        assert not client.bucket("lake").blob("large.csv").exists()
    with pipeline(mib=1, sample=100) as (client, _):
        assert len(client.bucket("lake").blob("large.csv").download_as_text().splitlines()) == 101
    assert "of: 300000" in (tmp_path / "fixtures/seeds/index.yaml").read_text()


def test_a_part_may_be_left_alone(pipeline, tmp_path):
    with pipeline(without=["gs://lake/trips/*01-02*"]) as (client, _):
        assert len(list(client.list_blobs("lake", prefix="trips/day"))) == 1
    assert seeds(tmp_path) == ["lake/.keep", "lake/trips/day=2021-01-01/part.parquet"]
