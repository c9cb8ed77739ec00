"""DuckDB's files become SQL and parquet and come back; what a bundle says of them is not trusted."""

from __future__ import annotations

import json
from types import SimpleNamespace

import duckdb
import pytest

from harness.bundle import duckdb_files as kept
from harness.errors import InputError
from harness.services.duckdb_files import DuckDbFiles

MADE = """
CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE SEQUENCE s START 5;
CREATE TABLE p (id INT PRIMARY KEY DEFAULT nextval('s'), m mood);
CREATE TABLE q (id INT REFERENCES p (id));
CREATE TABLE shop."odd "" n" (
    id INT, h HUGEINT, b BIT, iv INTERVAL, tz TIMESTAMPTZ, t TIMETZ, l INT[], big HUGEINT[],
    st STRUCT(a INT, b VARCHAR), mp MAP(VARCHAR, INT), d DECIMAL(38, 3), bl BLOB, u UUID,
    "g, x" INT GENERATED ALWAYS AS (id * 2), y DECIMAL(9, 2) GENERATED ALWAYS AS (d), j JSON
);
INSERT INTO p (m) VALUES ('a'), ('b');
INSERT INTO q VALUES (6);
INSERT INTO shop."odd "" n" VALUES (
    1, 170141183460469231731687303715884105727, '101', INTERVAL '1 month 3 microseconds',
    '2021-01-01 00:00:00.000001+00', '10:00:00+01', [1], [170141183460469231731687303715884105727],
    {'a': 1, 'b': 'x'}, MAP {'k': 1}, 1.5, 'x'::BLOB, '00000000-0000-0000-0000-000000000001',
    '{"a": 1}'
);
CREATE VIEW late AS FROM p WHERE id > 5;
CREATE MACRO f(x) AS x + 1;
CREATE INDEX i ON p (m);
"""


def stack(folder, project):
    service = DuckDbFiles()
    service.look_at(folder / "copy", [(str(folder / "places" / "src"), "/home/src")])
    settings = SimpleNamespace(project=project)
    return SimpleNamespace(folder=folder, settings=settings, services={"duckdb": service})


@pytest.fixture
def there(tmp_path):
    """A file that several runs share, one that the last run left, and the project's own."""
    project, shared = tmp_path / "project", tmp_path / "then" / "places" / "src" / "data"
    copy = tmp_path / "then" / "copy"
    for folder in (project, shared, copy):
        folder.mkdir(parents=True)
    with duckdb.connect(str(shared / "no_ending")) as connection:
        connection.execute(MADE)
    with duckdb.connect(str(copy / "left.duckdb")) as connection:
        connection.execute("CREATE TABLE days AS SELECT range AS n FROM range(20_000)")
    with duckdb.connect(str(project / "own.duckdb")) as connection:
        connection.execute("CREATE TABLE own AS SELECT 1 AS n")
    (copy / "own.duckdb").write_bytes((project / "own.duckdb").read_bytes())
    return stack(tmp_path / "then", project)


def state(folder):
    folder.mkdir()
    return folder


def contents(found):
    service = found.services["duckdb"]
    tables = {one.name: (one, service.read(one.name)) for one in service.inventory()}
    with duckdb.connect(str(found.folder / "places/src/data/no_ending"), read_only=True) as db:
        facts = db.sql("SELECT f(1), count(*), (SELECT count(*) FROM duckdb_indexes()) FROM late")
        made = db.sql("SELECT sql FROM duckdb_tables() ORDER BY ALL").fetchall()
        return tables, facts.fetchall(), made


def test_files_come_back_where_they_were(there, tmp_path):
    folder = state(tmp_path / "state")
    assert kept.keep(there, folder, limit=1 << 30) == []
    again = state(tmp_path / "again")
    kept.keep(there, again, limit=1 << 30)
    here = stack(tmp_path / "now", tmp_path / "now" / "copy")
    (here.settings.project).mkdir(parents=True)
    (here.settings.project / "own.duckdb").write_bytes(
        (there.settings.project / "own.duckdb").read_bytes()
    )

    kept.bring_back(here, folder)

    assert contents(here) == contents(there)
    with duckdb.connect(str(here.folder / "places/src/data/no_ending")) as connection:
        assert connection.sql("SELECT nextval('s')").fetchall() == [(7,)]
    files = sorted(one.relative_to(folder) for one in folder.rglob("*") if one.is_file())
    assert [(folder / one).read_bytes() for one in files] == [
        (again / one).read_bytes() for one in files
    ]
    # The project as it was run has its own file.
    assert "own" not in (folder / "files.json").read_text()


def test_of_a_large_file_the_first_rows_are_kept_and_without_them_the_table_is_empty(
    there, tmp_path
):
    folder = state(tmp_path / "state")
    left = kept.keep(there, folder, limit=1)
    assert {one.what for one in left} == {"duckdb left.duckdb", "duckdb /home/src/data/no_ending"}
    here = stack(tmp_path / "now", tmp_path / "now" / "copy")
    kept.bring_back(here, folder)
    assert here.services["duckdb"].describe("left.duckdb:main.days").rows == 10_000
    next(folder.rglob("*days.parquet")).unlink()
    kept.bring_back(here, folder)
    assert here.services["duckdb"].describe("left.duckdb:main.days").rows == 0


def test_a_file_that_cannot_be_read_is_listed(there, tmp_path):
    (there.folder / "copy" / "odd.duckdb").write_bytes(b"\0" * 8 + b"DUCK" + b"\1" * 9_000)
    (one,) = kept.keep(there, state(tmp_path / "state"), limit=1 << 30)
    assert one.what == "duckdb odd.duckdb"


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO '{}/evil'",
        "ATTACH '{}/evil' AS evil",
        "SET enable_external_access = true",
        "CREATE TABLE x AS FROM read_text('{}/secret')",
        "INSTALL httpfs",
    ],
)
def test_what_a_bundle_says_reaches_no_other_file(tmp_path, statement):
    (tmp_path / "secret").write_text("word")
    folder = state(tmp_path / "state")
    state(folder / "0000")
    (folder / "0000" / "schema.sql").write_text(statement.format(tmp_path))
    one = {"shared": True, "path": "src/x", "folder": "0000", "tables": []}
    (folder / "files.json").write_text(json.dumps([one]))
    with pytest.raises(InputError, match="cannot be brought back"):
        kept.bring_back(stack(tmp_path / "now", tmp_path / "now" / "copy"), folder)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../x"},
        {"path": "/x"},
        {"folder": ".."},
        {"tables": [{"schema": "main", "table": "t", "columns": ["n"], "file": "../x"}]},
        {"tables": [1]},
    ],
)
def test_places_are_of_the_run(tmp_path, change):
    folder = state(tmp_path / "state")
    state(folder / "0000")
    (folder / "0000" / "schema.sql").write_text("")
    one = {"shared": True, "path": "src/x", "folder": "0000", "tables": [], **change}
    (folder / "files.json").write_text(json.dumps([one]))
    with pytest.raises(InputError, match="cannot be brought back"):
        kept.bring_back(stack(tmp_path / "now", tmp_path / "now" / "copy"), folder)
