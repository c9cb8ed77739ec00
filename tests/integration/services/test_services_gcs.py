"""Cloud Storage of both providers with real clients: Google's, pyarrow's and Mage's own."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import subprocess
import sys
import time

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from google.api_core.exceptions import NotFound

from harness.errors import CheckFailedError, EnvironmentNotAbleError, MissingSinkError, ServiceError
from harness.machine import tenancy
from harness.machine.guardian import Guardian
from harness.services.embedded import gcs
from harness.services.embedded.gcs import GcsServer
from harness.services.protocol import Service


@pytest.fixture(scope="module")
def container_gcs():
    from harness.containers.engine import connect
    from harness.containers.world import World
    from harness.services.docker.gcs import GcsContainer

    with Guardian() as guardian, contextlib.closing(connect()) as engine:
        folder = guardian.make_folder(prefix="mage-harness-")
        with World(engine, guardian=guardian, folder=folder) as world:
            server = GcsContainer(world, folder=folder, project="harness-project")
            server.start()
            yield server
            server.stop()


@pytest.fixture(params=["running_gcs", pytest.param("container_gcs", marks=pytest.mark.docker)])
def storage(request):
    server = request.getfixturevalue(request.param)
    server.reset()
    return server


TRIPS = pa.table(
    {"fare": [1.5, 2.5, 3.5], "day": ["2021-01-01", "2021-01-31", "2021-01-01"], "n": [1, 2, None]}
)


def test_it_keeps_the_protocol(storage):
    assert isinstance(storage, Service)
    assert storage.inventory() == []
    assert storage.overlay() == {}


def test_tables_objects_and_datasets_are_sinks(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    files = storage.filesystem()
    pq.write_to_dataset(TRIPS, "taxi/trips", partition_cols=["day"], filesystem=files)
    pq.write_table(TRIPS, "taxi/trips.parquet", filesystem=files)
    bucket.blob("zones.csv").upload_from_string("id,name\n1,a\n2,b\n")
    bucket.blob("lines.jsonl").upload_from_string('{"a": 1}\n{"a": 2}\n{"a": 3}\n')
    bucket.blob("array.json").upload_from_string('[{"a": 1}]')
    bucket.blob("object.json").upload_from_string("no json")
    bucket.blob("note.txt").upload_from_string("x")
    found = {sink.name: sink for sink in storage.inventory()}
    assert {name: sink.rows for name, sink in found.items()} == {
        "taxi/array.json": 1,
        "taxi/lines.jsonl": 3,
        "taxi/note.txt": None,
        "taxi/object.json": None,
        "taxi/trips.parquet": 3,
        "taxi/trips/": 3,
        "taxi/zones.csv": 2,
    }
    assert [(one.name, one.type) for one in found["taxi/trips/"].columns] == [
        ("fare", "double"),
        ("n", "int64"),
        ("day", "string"),
    ]
    assert storage.partitions("taxi/trips/") == {"day=2021-01-01": 2, "day=2021-01-31": 1}
    assert storage.partitions("taxi/trips.parquet") == {}
    assert storage.read("taxi/trips.parquet").equals(TRIPS)
    whole = storage.read("taxi/trips/").sort_by([("fare", "ascending")])
    assert whole.select(TRIPS.column_names).equals(TRIPS)
    assert storage.read("taxi/zones.csv").to_pylist()[1] == {"id": 2, "name": "b"}
    assert storage.incidents(0) == []


def test_a_json_array_is_read_as_the_same_lines_are(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    records = [
        {"a": 1, "at": "2021-01-01 00:00:00", "b": "x\ny é"},
        {"a": 2.5, "deep": {"of": [1, None]}},
    ]
    bucket.blob("array.json").upload_from_string(json.dumps(records, indent=1))
    bucket.blob("lines.json").upload_from_string("\n".join(map(json.dumps, records)))
    bucket.blob("empty.json").upload_from_string(" []")
    bucket.blob("cut.json").upload_from_string('[{"secret": "hush"},')
    bucket.blob("numbers.json").upload_from_string("[1, 2]")
    table = storage.read("taxi/array.json")
    assert table.equals(storage.read("taxi/lines.json"))
    assert table.column("b").to_pylist() == ["x\ny é", None]
    assert storage.describe("taxi/empty.json").rows == 0
    for name in ("cut", "numbers"):
        with pytest.raises(CheckFailedError, match="cannot be read as json") as caught:
            storage.read(f"taxi/{name}.json")
        assert "hush" not in str(caught.value)


def test_compressed_csv_is_read(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    bucket.blob("zones.csv.gz").upload_from_string(gzip.compress(b"id\n1\n2\n"))
    assert storage.describe("taxi/zones.csv.gz").rows == 2


def test_the_version_changes_with_each_write(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    bucket.blob("x.csv").upload_from_string("a\n1\n")
    before = storage.describe("taxi/x.csv").version
    assert storage.describe("taxi/x.csv").version == before
    bucket.blob("x.csv").upload_from_string("a\n1\n")
    assert storage.describe("taxi/x.csv").version != before


def test_an_object_of_the_same_size_is_another(storage, google_client):
    blob = google_client.create_bucket("taxi").blob("x.csv")
    found = []
    for content in ("a\n1\n", "a,b\n", "a\n1\n"):
        blob.upload_from_string(content)
        (sink,) = storage.inventory()
        assert storage.inventory() == [sink]
        found.append((sink.rows, [one.name for one in sink.columns]))
    assert found == [(1, ["a"]), (0, ["a", "b"]), (1, ["a"])]


def test_the_inventory_of_large_odd_and_empty_objects(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    files = storage.filesystem()
    large = pa.table({"n": range(100_000), "text": [str(one) for one in range(100_000)]})
    pq.write_table(large, "taxi/odd name/ü?#%.parquet", filesystem=files)
    pq.write_table(TRIPS, "taxi/trips.parquet", filesystem=files)
    wide = pa.table({f"column_{number}": [1] for number in range(2_000)})
    pq.write_table(wide, "taxi/wide.parquet", filesystem=files)
    bucket.blob("empty.parquet").upload_from_string("")
    bucket.blob("none.parquet").upload_from_string("nonsense")
    sizes = {one.name: one.size for one in bucket.list_blobs()}
    assert sizes["odd name/ü?#%.parquet"] > sizes["wide.parquet"] > 65_536
    found = storage.inventory()
    assert {one.name: (one.rows, len(one.columns)) for one in found} == {
        "taxi/empty.parquet": (None, 0),
        "taxi/none.parquet": (None, 0),
        "taxi/odd name/ü?#%.parquet": (100_000, 2),
        "taxi/trips.parquet": (3, 3),
        "taxi/wide.parquet": (1, 2_000),
    }
    assert [storage.describe(one.name) for one in found] == found
    assert storage.incidents(0) == []


def test_a_missing_object_names_the_nearest(storage, google_client):
    google_client.create_bucket("taxi").blob("trips.parquet").upload_from_string("x")
    for ask in (storage.describe, storage.read, storage.partitions):
        with pytest.raises(MissingSinkError, match=r"nearest: taxi/trips\.parquet"):
            ask("taxi/trip.parquet")
    with pytest.raises(MissingSinkError):
        storage.read("no-such-bucket/trips.parquet")


def test_content_that_is_no_table_is_told_of(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    bucket.blob("bad.parquet").upload_from_string("nonsense")
    bucket.blob("note.txt").upload_from_string("x")
    assert storage.describe("taxi/bad.parquet").rows is None
    with pytest.raises(CheckFailedError, match="cannot be read as parquet"):
        storage.read("taxi/bad.parquet")
    with pytest.raises(CheckFailedError, match="cannot be read as a table"):
        storage.read("taxi/note.txt")


def test_parts_that_do_not_fit_together_are_told_of(storage, google_client):
    google_client.create_bucket("taxi")
    files = storage.filesystem()
    pq.write_table(pa.table({"a": [1]}), "taxi/ds/d=1/x.parquet", filesystem=files)
    pq.write_table(pa.table({"a": ["x"]}), "taxi/ds/d=2/x.parquet", filesystem=files)
    with pytest.raises(CheckFailedError, match=r"Unable to merge"):
        storage.read("taxi/ds/")


def test_failed_downloads_and_uploads_are_incidents_and_questions_are_not(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    since = time.time()
    assert not bucket.blob("nope").exists()
    assert google_client.lookup_bucket("nope") is None
    assert storage.incidents(0) == []
    with pytest.raises(NotFound):
        bucket.blob("nope.csv").download_as_bytes()
    with pytest.raises(NotFound):
        google_client.bucket("nobucket").blob("x").upload_from_string("x")
    found = storage.incidents(since)
    assert [incident.detail for incident in found] == ["gs://taxi/nope.csv", "gs://nobucket/"]
    assert {incident.code for incident in found} == {"gcs-request-failed"}
    assert storage.incidents(time.time() + 1) == []


def test_reset_deletes_everything_and_forgets_incidents(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    for name in ("x", "x/y", "odd name/ü?#%.csv", "a+b"):
        bucket.blob(name).upload_from_string("a\n1\n")
    google_client.create_bucket("empty")
    with pytest.raises(NotFound):
        bucket.blob("nope").download_as_bytes()
    assert storage.buckets() == ["empty", "taxi"]
    assert len(storage.inventory()) == 4
    storage.reset()
    assert storage.buckets() == []
    assert storage.incidents(0) == []


def test_large_uploads_are_resumed_at_our_own_address(storage, google_client):
    blob = google_client.create_bucket("taxi").blob("big", chunk_size=256 * 1024)
    content = os.urandom(3_000_000)
    blob.upload_from_string(content)
    assert blob.download_as_bytes() == content


def test_the_addresses_that_it_names_lead_to_it(storage, google_client):
    bucket = google_client.create_bucket("taxi")
    bucket.blob("x").upload_from_string("content")
    upload = f"{storage.endpoint}/upload/storage/v1/b/taxi/o?uploadType=resumable&name=y"
    named = [
        google_client.bucket("taxi").get_blob("x").media_link,
        google_client.bucket("taxi").get_blob("x").self_link,
        requests.post(upload, json={}, timeout=10).headers["Location"],
    ]
    assert [one.startswith(f"{storage.endpoint}/") for one in named] == [True] * 3
    assert requests.get(named[0], timeout=10).content == b"content"


def test_public_addresses_signed_urls_and_forms_work(storage, google_client):
    google_client.create_bucket("taxi").blob("x").upload_from_string("content")
    url = f"{storage.endpoint}/taxi"
    assert requests.get(f"{url}/x", timeout=10).content == b"content"
    signed = f"{url}/z?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=00"
    assert requests.put(signed, b"signed", timeout=10).status_code == 200
    assert requests.get(signed, timeout=10).content == b"signed"
    form = requests.post(url, {"key": "form"}, files={"file": b"form"}, timeout=10)
    assert form.status_code == 204
    assert requests.get(f"{url}/form", timeout=10).content == b"form"
    since = time.time()
    assert requests.get(f"{url}/nope", timeout=10).status_code == 404
    assert [one.code for one in storage.incidents(since)] == ["gcs-request-failed"]


CLIENT = """
import json
import pyarrow as pa, pyarrow.parquet as pq
from pyarrow import fs
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
client = storage.Client(credentials=AnonymousCredentials())
client.create_bucket("taxi")
files = fs.GcsFileSystem(anonymous=True)
table = pa.table({"day": ["2021-01-01", "2021-01-02", "2021-01-01"], "n": [1, 2, 3]})
pq.write_to_dataset(table, root_path="taxi/ds", partition_cols=["day"], filesystem=files)
back = pq.read_table("taxi/ds", filesystem=files)
print(json.dumps({"rows": back.num_rows, "pyarrow": pa.__version__}))
"""


def _pythons():
    mage = os.environ.get("MAGE_HARNESS_MAGE_PYTHON", "")
    return [sys.executable] + ([mage] if mage else [])


@pytest.mark.parametrize("python", _pythons())
def test_another_process_writes_a_dataset_and_ends_cleanly(storage, python):
    environment = storage.environment() | {"GOOGLE_CLOUD_PROJECT": storage.project}
    done = subprocess.run(
        [python, "-W", "ignore", "-c", CLIENT],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["rows"] == 3
    assert storage.partitions("taxi/ds/") == {"day=2021-01-01": 2, "day=2021-01-02": 1}
    assert storage.incidents(0) == []


def test_start_and_stop_leave_nothing(cache):
    server = GcsServer(project="p", cache=cache)
    server.stop()
    server.start()
    server.start()
    process, folder = psutil.Process(server.server._program.pid), server.server._tenancy.folder
    addresses = {one.laddr.ip for one in process.net_connections("inet") if one.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}
    server.stop()
    server.stop()
    assert not process.is_running()
    assert not folder.exists()
    with pytest.raises(ServiceError, match="not running"):
        server.inventory()


def test_a_server_that_died_is_told_of(cache):
    server = GcsServer(project="p", cache=cache)
    server.start()
    psutil.Process(server.server._program.pid).kill()
    server.server._program._process.wait(60)
    with pytest.raises(ServiceError, match="ended with status -9"):
        server.inventory()
    server.stop()


def test_a_taken_fixed_port_is_named(running_gcs, cache):
    with pytest.raises(EnvironmentNotAbleError, match=f"port {running_gcs.port}, set for gcs"):
        GcsServer(project="p", cache=cache, port=running_gcs.port).start()


def test_a_port_lost_to_another_program_is_tried_again(running_gcs, cache, monkeypatch):
    real = tenancy.claim
    claims = []

    def claim(**options):
        port = real(**options)
        claims.append(port)
        if len(claims) == 1:
            port.release()
            return type(port)(number=running_gcs.port, fixed=False, file=port.file)
        return port

    monkeypatch.setattr(tenancy, "claim", claim)
    server = GcsServer(project="p", cache=cache)
    server.start()
    assert len(claims) == 2
    assert server.port != running_gcs.port
    assert server.inventory() == []
    server.stop()


def test_a_platform_without_a_program_is_told_of(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "sparc")
    with pytest.raises(EnvironmentNotAbleError, match="has none for linux on sparc"):
        gcs.find_program()
