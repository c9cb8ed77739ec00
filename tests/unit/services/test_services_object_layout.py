from __future__ import annotations

import pytest

from harness.services.gcs_log import incident_of
from harness.services.object_layout import (
    StoredObject,
    format_of,
    groups,
    named,
    partition_of,
)

GUID = "90648fff7213417faaa6ff82f1348701"


def stored(*names):
    return [StoredObject(bucket="b", name=name, size=1, generation="1") for name in names]


def shape(*names):
    return {group.name: len(group.parts) for group in groups(stored(*names))}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["x.parquet", "x.txt"], {"b/x.parquet": 1, "b/x.txt": 1}),
        (["ds/", "ds/d=1/", f"ds/d=1/{GUID}-0.parquet", "ds/d=2/any.parquet"], {"b/ds/": 2}),
        (["a/ds/d=1/e=2/part-0.csv", "a/ds/d=1/e=3/part-0.csv"], {"b/a/ds/": 2}),
        (["d=1/part-0.parquet"], {"b/": 1}),
        (["ds/part-00000-x.c000.snappy.parquet", "ds/_SUCCESS"], {"b/ds/": 1}),
        (["ds/d=1/part-0.parquet", "ds/_common_metadata"], {"b/ds/": 1}),
        (["ds/export-000000000000.csv", "ds/export-000000000001.csv"], {"b/ds/": 2}),
        (["ds/part.0.parquet", "ds/part.1.parquet"], {"b/ds/": 2}),
        (["data/yellow.csv", "data/green.csv"], {"b/data/green.csv": 1, "b/data/yellow.csv": 1}),
        (["part-0.parquet", "part-1.parquet"], {"b/part-0.parquet": 1, "b/part-1.parquet": 1}),
        (["_hidden.csv"], {"b/_hidden.csv": 1}),
        (
            ["ds/part-0.csv", "ds/part-0.parquet", "ds/part-1.parquet"],
            {"b/ds/": 2, "b/ds/part-0.csv": 1},
        ),
        (
            ["nyc_taxi_data.parquet", "nyc_taxi_data/tpep_pickup_date=2021-01-31/x.parquet"],
            {"b/nyc_taxi_data.parquet": 1, "b/nyc_taxi_data/": 1},
        ),
    ],
)
def test_parts_of_a_dataset_are_one_sink(names, expected):
    assert shape(*names) == expected


def test_a_name_finds_a_sink_a_part_or_a_folder_of_one_kind():
    objects = stored("ds/d=1/part-0.parquet", "data/a.csv", "data/b.csv", "data/c.txt", "mix/a.csv")
    objects += stored("mix/b.parquet")
    assert named(objects, "b/ds/").is_dataset
    assert named(objects, "b/ds/d=1/part-0.parquet").format == "parquet"
    assert len(named(objects, "b/data/").parts) == 2
    assert named(objects, "b/data/c.txt").format == ""
    assert named(objects, "b/mix/") is None
    assert named(objects, "b/nope") is None


def test_formats_and_partitions_are_told_by_names():
    assert format_of("x/Y.CSV.GZ") == "csv"
    assert format_of("x.ndjson") == "json"
    assert format_of("x.parquet.tmp") == ""
    assert partition_of("a/b=1/c=2021-01-31/x.parquet") == "b=1/c=2021-01-31"
    assert partition_of("a/x=1.parquet") == ""


def line(request, status, level="INFO"):
    return (
        f"time=2026-11-22T20:31:16.474Z level={level} "
        f'msg="127.0.0.1 - - [22/Nov/2026:20:31:16 +0000] \\"{request} HTTP/1.1\\" {status} 10\\n"'
    )


@pytest.mark.parametrize(
    ("request_line", "status", "detail"),
    [
        ("GET /download/storage/v1/b/bb/o/x%2Fy?alt=media", 404, "gs://bb/x/y"),
        ("GET /storage/v1/b/bb/o/x?generation=1&alt=media", 404, "gs://bb/x"),
        ("GET /bb/x.csv", 404, "/bb/x.csv"),
        ("POST /upload/storage/v1/b/bb/o?uploadType=resumable&name=d%2Fx", 404, "gs://bb/d/x"),
        ("POST /upload/storage/v1/b/bb/o?uploadType=multipart", 400, "gs://bb/"),
        ("GET /storage/v1/b/bb", 500, "gs://bb/"),
    ],
)
def test_failed_downloads_and_uploads_are_incidents(request_line, status, detail):
    incident = incident_of(line(request_line, status))
    assert (incident.code, incident.detail) == ("gcs-request-failed", detail)
    assert str(status) in incident.message
    assert incident.at == 1795379476.474


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /download/storage/v1/b/bb/o/x?alt=media", 206),
        ("GET /storage/v1/b/bb/o/x?fields=name", 404),
        ("GET /storage/v1/b/bb?fields=name", 404),
        ("POST /storage/v1/b?project=p", 409),
        ("PUT /upload/storage/v1/b/bb/o?upload_id=1", 308),
        ("POST /upload/storage/v1/b/bb/o?ifGenerationMatch=0&uploadType=multipart", 412),
        ("GET /storage/v1/b/bb/o/empty?alt=media", 416),
    ],
)
def test_questions_of_existence_are_none(request_line, status):
    assert incident_of(line(request_line, status)) is None


def test_other_lines_are_none():
    assert incident_of('time=2026-11-22T20:31:16.474Z level=INFO msg="server started at x"') is None
    assert incident_of("") is None
