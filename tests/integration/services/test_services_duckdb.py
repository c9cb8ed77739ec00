"""Database files of DuckDB that a run left, looked into without a change."""

from __future__ import annotations

import struct

import duckdb
import pytest

from harness.errors import CheckFailedError, MissingSinkError
from harness.services.duckdb_files import DuckDbFiles
from harness.services.protocol import Looking, Service

_MIX = 0xBF58476D1CE4E5B9
_HEADER = 4096


@pytest.fixture
def files(tmp_path):
    """A project with a database, and a folder that is seen at ``/home/src`` with another one."""
    project, places = tmp_path / "copy", tmp_path / "places"
    for folder in (project / "out", places / "data", places / "shop"):
        folder.mkdir(parents=True)
    (places / "shop").rmdir()
    with duckdb.connect(str(project / "out" / "taxi.duckdb")) as connection:
        connection.execute("CREATE TABLE trips AS SELECT i::INT AS n, 'x' AS s FROM range(5) t(i)")
        connection.execute("CREATE VIEW late AS FROM trips WHERE n > 2")
        connection.execute(
            'CREATE SCHEMA shop; CREATE TABLE shop."odd "" name" (id BIGINT NOT NULL)'
        )
    with duckdb.connect(str(places / "data" / "no_ending")) as connection:
        connection.execute("CREATE TABLE days AS SELECT 1 AS n")
    (project / "out" / "note.duckdb").write_text("not a database")
    (project / "link.duckdb").symlink_to(project / "out" / "taxi.duckdb")
    service = DuckDbFiles()
    service.start()
    service.look_at(project, [(str(places), "/home/src"), (str(project), "/home/src/shop")])
    return service, project


def newer(file):
    """Have a file say that it is of a format which nobody reads yet."""
    content = bytearray(file.read_bytes())
    struct.pack_into("<Q", content, 12, 9999)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", content[8:_HEADER]):
        checksum ^= word * _MIX % (1 << 64)
    struct.pack_into("<Q", content, 0, checksum)
    file.write_bytes(content)


def test_it_keeps_the_protocols(files):
    service, _ = files
    assert isinstance(service, Service)
    assert isinstance(service, Looking)


def test_the_tables_of_all_files_are_sinks(files):
    service, _ = files
    found = {sink.name: sink for sink in service.inventory()}
    assert {name: sink.rows for name, sink in found.items()} == {
        "/home/src/data/no_ending:main.days": 1,
        "out/taxi.duckdb:main.trips": 5,
        'out/taxi.duckdb:shop.odd " name': 0,
    }
    assert [
        (one.name, one.type, one.nullable) for one in found["out/taxi.duckdb:main.trips"].columns
    ] == [
        ("n", "INTEGER", True),
        ("s", "VARCHAR", True),
    ]
    assert not found['out/taxi.duckdb:shop.odd " name'].columns[0].nullable


def test_tables_and_views_are_read(files):
    service, _ = files
    assert service.read("out/taxi.duckdb:main.trips")["n"].to_pylist() == [0, 1, 2, 3, 4]
    assert service.describe("out/taxi.duckdb:main.late").rows == 2
    assert service.partitions("out/taxi.duckdb:main.late") == {}
    with pytest.raises(MissingSinkError, match=r"nearest: out/taxi\.duckdb:main\.trips"):
        service.describe("out/taxi.duckdb:main.trip")
    with pytest.raises(MissingSinkError):
        service.describe("nothing.duckdb:main.trips")


def test_only_a_table_that_changes_has_another_version(files):
    service, project = files
    before = {sink.name: sink.version for sink in service.inventory()}
    with duckdb.connect(str(project / "out" / "taxi.duckdb")) as connection:
        connection.execute("UPDATE trips SET s = 'y' WHERE n = 1")
    after = {sink.name: sink.version for sink in service.inventory()}
    assert [name for name in after if after[name] != before[name]] == ["out/taxi.duckdb:main.trips"]


def test_what_is_only_in_the_log_is_read_and_the_file_stays_as_it_is(files):
    service, project = files
    file = project / "open.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS n; CHECKPOINT")
        connection.execute("INSERT INTO t VALUES (2)")
        # As a process leaves it that ends without a word.
        content = {one.name: one.read_bytes() for one in project.glob("open.duckdb*")}
    assert len(content) == 2
    for name, kept in content.items():
        (project / name).write_bytes(kept)
    assert service.read("open.duckdb:main.t")["n"].to_pylist() == [1, 2]
    assert {one.name: one.read_bytes() for one in project.glob("open.duckdb*")} == content


def test_a_file_of_a_newer_format_is_refused_and_named(files):
    service, project = files
    newer(project / "out" / "taxi.duckdb")
    with pytest.raises(
        CheckFailedError, match=r"taxi\.duckdb cannot be read(.|\n)*newer duckdb wrote it"
    ):
        service.inventory()


def test_a_file_that_is_broken_is_refused_and_named(files):
    service, project = files
    (project / "out" / "broken.duckdb").write_bytes(b"12345678DUCK" + b"x" * 20_000)
    with pytest.raises(CheckFailedError, match=r"broken\.duckdb cannot be read"):
        service.inventory()


def test_reset_forgets_the_files(files):
    service, _ = files
    service.reset()
    assert service.inventory() == []
