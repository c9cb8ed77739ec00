"""Clients of S3 end at the private server, whatever endpoint, keys and profile they name."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """Fixtures with a seed of S3: a bucket with one object."""
    folder = tmp_path_factory.mktemp("any_s3")
    zones = folder / "seeds" / "s3" / "bucket-of-seeds" / "zones.csv"
    zones.parent.mkdir(parents=True)
    zones.write_text("id,name\n1,a\n2,b\n")
    return folder


@pytest.fixture(scope="module")
def done(run, seeds):
    done = run("any_s3", "clients", fixtures=seeds)
    done.require_success()
    return done


def test_each_client_writes_to_the_private_buckets(done, stack):
    rows = {sink.name: sink.rows for sink in stack.s3.inventory()}
    assert rows == {
        "bucket-of-arrow/days/": 6,
        "bucket-of-boto3/n/": 4,
        "bucket-of-mage/out/n.parquet": 3,
        "bucket-of-polars/n.parquet": 3,
        "bucket-of-seeds/zones.csv": 2,
        "bucket-of-urls/n.parquet": 3,
    }
    assert stack.s3.partitions("bucket-of-arrow/days/") == {
        "day=2021-01-30": 2,
        "day=2021-01-31": 4,
    }
    assert "bucket-of-nobody" not in stack.s3.buckets()


def test_what_was_led_and_made_is_told(done, stack):
    led = {event["server"] for event in done.process.events if event["event"] == "s3_led"}
    assert led == {"http://minio:9000", "https://s3.example.com", "minio:9000"}
    (made,) = stack.told(done.process.began)
    assert "the bucket bucket-of-polars" in made
    assert "bucket-of-seeds" not in made


def test_an_upload_whose_failure_is_swallowed_is_a_problem(run):
    failed = run("any_s3", "swallowed")
    (problem,) = failed.problems
    assert problem.code == "s3-request-failed"
    assert problem.block == "uploads"
    assert "s3://lake/never.csv to s3://lake/copy.csv" in problem.message


def test_s3fs_pandas_minio_and_todays_boto3_do_too(run, stack):
    done = run("any_s3_clients", "clients")
    done.require_success()
    rows = {sink.name: sink.rows for sink in stack.s3.inventory()}
    wanted = ("bucket-of-s3fs", "bucket-of-pandas", "bucket-of-minio", "bucket-of-todays-boto3")
    assert {name: rows[name] for name in rows if name.startswith(wanted)} == {
        "bucket-of-s3fs/0.parquet": 3,
        "bucket-of-s3fs/1.parquet": 3,
        "bucket-of-pandas/n.csv": 3,
        "bucket-of-pandas/n.parquet": 3,
        "bucket-of-minio/n.csv": 1,
        "bucket-of-todays-boto3/big.bin": None,
    }
