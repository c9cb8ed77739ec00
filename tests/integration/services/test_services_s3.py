"""The private S3 with real clients: boto3's, pyarrow's and, by HTTP, any."""

from __future__ import annotations

import datetime as dt
import io
import time
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from botocore.exceptions import ClientError

from harness.clock.clock import Clock
from harness.errors import EnvironmentNotAbleError, MissingSinkError, ServiceError
from harness.services.catalogue import BY_NAME
from harness.services.protocol import Listening, Service, Telling, Timed
from harness.services.s3 import S3
from harness.services.s3_server import S3Server

TRIPS = pa.table({"fare": [1.5, 2.5, 3.5], "day": ["2021-01-01", "2021-01-31", "2021-01-01"]})


@pytest.fixture(scope="module")
def running(cache):
    service = S3(S3Server(cache=cache))
    service.start()
    yield service
    service.stop()


@pytest.fixture
def s3(running):
    running.reset()
    return running


@pytest.fixture
def client(s3):
    client = s3.client()
    yield client
    client.close()


def parquet(table):
    content = io.BytesIO()
    pq.write_table(table, content)
    return content.getvalue()


def test_it_keeps_the_protocols(s3):
    for protocol in (Service, Listening, Timed, Telling):
        assert isinstance(s3, protocol)
    assert s3.inventory() == []
    assert s3.overlay()["AWS_ENDPOINT"] == s3.environment()["AWS_ENDPOINT_URL_S3"] == s3.endpoint


def test_an_object_of_the_same_size_is_another(s3, client):
    client.create_bucket(Bucket="taxi")
    found = []
    for content in (b"a\n1\n", b"a,b\n", b"a\n1\n"):
        client.put_object(Bucket="taxi", Key="x.csv", Body=content)
        (sink,) = s3.inventory()
        assert s3.inventory() == [sink]
        found.append((sink.rows, [one.name for one in sink.columns]))
    assert found == [(1, ["a"]), (0, ["a", "b"]), (1, ["a"])]


def test_tables_objects_and_datasets_are_sinks(s3, client):
    pq.write_to_dataset(TRIPS, "taxi/trips", partition_cols=["day"], filesystem=s3.filesystem())
    client.put_object(Bucket="taxi", Key="trips.parquet", Body=parquet(TRIPS))
    client.put_object(Bucket="taxi", Key="zones.csv", Body=b"id,name\n1,a\n2,b\n")
    client.put_object(Bucket="taxi", Key="Grüße & more.bin", Body=b"x")
    assert [(sink.service, sink.name, sink.rows) for sink in s3.inventory()] == [
        ("s3", "taxi/Grüße & more.bin", None),
        ("s3", "taxi/trips.parquet", 3),
        ("s3", "taxi/trips/", 3),
        ("s3", "taxi/zones.csv", 2),
    ]
    assert [(one.name, one.type) for one in s3.describe("taxi/zones.csv").columns] == [
        ("id", "int64"),
        ("name", "string"),
    ]
    assert s3.read("taxi/trips/").sort_by("fare")["fare"].to_pylist() == [1.5, 2.5, 3.5]
    assert s3.partitions("taxi/trips/") == {"day=2021-01-01": 2, "day=2021-01-31": 1}
    with pytest.raises(MissingSinkError, match=r"nearest: taxi/trips\.parquet"):
        s3.describe("taxi/trip.parquet")


def test_what_is_written_again_has_another_version(s3, client):
    client.put_object(Bucket="taxi", Key="a.csv", Body=b"a\n1\n")
    before = s3.describe("taxi/a.csv")
    client.put_object(Bucket="taxi", Key="a.csv", Body=b"a\n1\n")
    assert s3.describe("taxi/a.csv").version != before.version


def test_a_file_of_many_parts_comes_back(s3, client, tmp_path):
    content = b"0123456789abcdef" * (1 << 20)
    (tmp_path / "big").write_bytes(content)
    client.upload_file(str(tmp_path / "big"), "taxi", "big")
    assert client.head_object(Bucket="taxi", Key="big")["ETag"].endswith('-2"')
    assert client.get_object(Bucket="taxi", Key="big")["Body"].read() == content
    assert s3.buckets() == ["taxi"]


def test_a_bucket_is_made_by_the_first_write_and_by_nothing_else(s3, client):
    began = time.time()
    with pytest.raises(ClientError, match="404"):
        client.head_bucket(Bucket="lake")
    with pytest.raises(client.exceptions.NoSuchBucket):
        client.list_objects_v2(Bucket="lake")
    client.put_object(Bucket="lake", Key="a", Body=b"x")
    client.put_object(Bucket="lake", Key="b", Body=b"x")
    (told,) = s3.told(began)
    assert told.endswith("as if production had it: the bucket lake")
    assert s3.told(time.time()) == ()


def test_what_fails_is_told_and_questions_are_not(s3, client):
    began = time.time()
    client.put_object(Bucket="lake", Key="there", Body=b"x")
    with pytest.raises(ClientError, match="404"):
        client.head_object(Bucket="lake", Key="gone")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        client.put_object(Bucket="lake", Key="there", Body=b"y", IfNoneMatch="*")
    assert s3.incidents(began) == []
    with pytest.raises(client.exceptions.NoSuchKey):
        client.get_object(Bucket="lake", Key="gone")
    with pytest.raises(ClientError, match="NoSuchKey"):
        client.copy_object(Bucket="lake", Key="copy", CopySource="lake/gone")
    signed = client.generate_presigned_url("get_object", Params={"Bucket": "lake", "Key": "late"})
    assert requests.get(signed, timeout=10).status_code == 404
    first, second, third = s3.incidents(began)
    assert first.code == second.code == third.code == "s3-request-failed"
    assert first.message == "a download (GET) was answered with status 404 NoSuchKey"
    assert first.detail == "s3://lake/gone"
    assert "NoSuchKey" in first.raises
    assert second.message.startswith("an upload (PUT)")
    assert second.detail == "s3://lake/gone to s3://lake/copy"
    assert third.detail == "s3://lake/late"
    assert s3.incidents(time.time()) == []


def test_anybody_may_read_and_nobody_writes_without_a_key(s3, client):
    began = time.time()
    client.put_object(Bucket="public", Key="a", Body=b"x")
    address = f"{s3.endpoint}/public/a"
    assert requests.get(address, timeout=10).content == b"x"
    assert requests.put(address, data=b"y", timeout=10).status_code == 403
    assert requests.put(f"{s3.endpoint}/none/a", data=b"y", timeout=10).status_code >= 400
    assert s3.buckets() == ["public"]
    incident = s3.incidents(began)[0]
    assert incident.message == "an upload (PUT) was answered with status 403"


def test_another_service_of_amazons_is_refused_and_told(s3):
    began = time.time()
    signature = "AWS4-HMAC-SHA256 Credential=k/20210131/us-east-1/dynamodb/aws4_request, x=y"
    answer = requests.post(s3.endpoint, headers={"Authorization": signature}, timeout=10)
    assert answer.status_code == 501
    (incident,) = s3.incidents(began)
    assert incident.code == "s3-other-service"
    assert "dynamodb" in incident.message


def test_objects_have_the_time_of_a_clock(s3, client):
    clock = Clock()
    clock.set(-365 * 24 * 3600)
    s3.keep_time(clock)
    try:
        client.put_object(Bucket="lake", Key="old", Body=b"x")
        told = client.head_object(Bucket="lake", Key="old")["LastModified"]
    finally:
        s3.keep_time(Clock())
    assert abs(told - clock.now()) < dt.timedelta(minutes=10)


def test_reset_leaves_nothing(s3, client):
    client.put_object(Bucket="lake", Key="a", Body=b"x")
    with pytest.raises(client.exceptions.NoSuchKey):
        client.get_object(Bucket="lake", Key="b")
    s3.reset()
    assert s3.buckets() == []
    assert s3.inventory() == []
    assert s3.incidents(0) == []
    assert s3.told(0) == ()


def test_it_ends_with_its_folder_and_starts_again(cache):
    service = S3(S3Server(cache=cache))
    service.stop()
    service.start()
    endpoint = service.endpoint
    service.stop()
    service.stop()
    with pytest.raises(ServiceError, match="not running"):
        service.inventory()
    with pytest.raises(requests.ConnectionError):
        requests.get(endpoint, timeout=5)
    service.start()
    assert service.buckets() == []
    service.stop()


def test_without_the_extra_it_is_named(cache, monkeypatch):
    lacking = replace(BY_NAME["s3"], modules=("boto3", "no_such_package"))
    monkeypatch.setitem(BY_NAME, "s3", lacking)
    with pytest.raises(
        EnvironmentNotAbleError, match=r"no no_such_package(.|\n)*mage-harness\[s3\]"
    ):
        S3(S3Server(cache=cache)).start()
