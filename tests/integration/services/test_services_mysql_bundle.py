"""In bundles: a MySQL server's databases become files and come back, value by value."""

from __future__ import annotations

import pytest

from harness.bundle import mysql as kept
from harness.errors import InputError
from harness.services.embedded.mysql import MySqlServer

MADE = r"""
CREATE DATABASE shop;
CREATE TABLE shop.kinds (
  id INT AUTO_INCREMENT PRIMARY KEY, flag TINYINT(1), big BIGINT UNSIGNED, price DECIMAL(20, 4),
  at DATETIME(6), day DATE, hour TIME(3), doc JSON, raw BLOB, name VARCHAR(20), f FLOAT, d DOUBLE,
  b BIT(3), e ENUM('x', 'y'), y YEAR, t TIMESTAMP NULL, wide DECIMAL(60, 2), zero DATE,
  place POINT, doubled DECIMAL(20, 4) AS (price * 2) STORED
) AUTO_INCREMENT = 40;
SET SESSION sql_mode = '';
INSERT INTO shop.kinds
  (id, flag, big, price, at, day, hour, doc, raw, name, f, d, b, e, y, t, wide, zero, place) VALUES
  (1, 1, 18446744073709551615, 1234567890.1234, '2021-01-31 10:11:12.123456', '2021-01-31',
   '-100:11:12.5', '{"a": 1}', x'00ff0a095c', 'ä"ö\n,\\\t', 0.123456789, 0.1, b'101', 'x', 2021,
   '2021-01-01 00:00:00', 1.25, '0000-00-00', POINT(1, 2)),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', '', NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL),
  (3, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '\\N', NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL);
CREATE TABLE shop.`odd ``name` (kind INT, FOREIGN KEY (kind) REFERENCES shop.kinds (id));
INSERT INTO shop.`odd ``name` VALUES (1), (3);
"""
CODE = (
    "CREATE FUNCTION shop.twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2",
    "CREATE VIEW shop.late AS SELECT id, price, shop.twice(id) AS two FROM shop.kinds WHERE id > 0",
    "CREATE VIEW shop.a_sum AS SELECT sum(two) AS two FROM shop.late",
    "CREATE TRIGGER shop.noted BEFORE INSERT ON shop.kinds FOR EACH ROW SET NEW.name = 'noted'",
)


OUTSIDE = """[{"database": "x", "made": "CREATE DATABASE x", "code": [], "tables":
[{"table": "t", "made": "CREATE TABLE t (n INT)", "columns": ["n"], "file": "../x"}]}]"""


@pytest.fixture(scope="module")
def mysql(cache):
    service = MySqlServer(cache=cache)
    service.start()
    yield service
    service.stop()


def made(mysql):
    mysql.reset()
    mysql.execute(MADE)
    with mysql.cursor() as cursor:
        for statement in CODE:
            cursor.execute(statement)


def contents(mysql):
    names = [one.name for one in mysql.inventory()] + ["shop.late", "shop.a_sum"]
    found = {name: mysql.read(name) for name in names}
    with mysql.cursor() as cursor:
        cursor.execute("SHOW CREATE TABLE shop.kinds")
        found["kinds"] = cursor.fetchone()
        cursor.execute(
            "SELECT id, HEX(place), HEX(raw), b + 0, f * 1.0 FROM shop.kinds ORDER BY id"
        )
        found["exactly"] = cursor.fetchall()
    return found


def test_all_values_come_back_and_the_files_are_the_same_each_time(mysql, tmp_path):
    made(mysql)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        assert kept.keep(mysql, folder, limit=1 << 30) == []
    before = contents(mysql)
    assert before["shop.kinds"].num_rows == 3
    assert len(before["shop.a_sum"]) == 1

    mysql.reset()
    kept.bring_back(mysql, folders[0])

    assert contents(mysql) == before
    with mysql.cursor() as cursor:
        cursor.execute("INSERT INTO shop.kinds (flag) VALUES (1)")
        cursor.execute("SELECT id, name FROM shop.kinds WHERE id > 3")
        assert cursor.fetchall() == ((40, "noted"),)
    first, second = ({one.name: one.read_bytes() for one in folder.iterdir()} for folder in folders)
    assert first == second
    assert list(mysql.exchange.here.iterdir()) == []


def test_a_table_beyond_the_limit_is_cut(mysql, tmp_path, monkeypatch):
    made(mysql)
    monkeypatch.setattr(kept, "FIRST_ROWS", 2)
    left = kept.keep(mysql, tmp_path, limit=1)
    assert {one.what for one in left} == {"mysql shop.kinds", "mysql shop.odd `name"}
    mysql.reset()
    kept.bring_back(mysql, tmp_path)
    assert mysql.describe("shop.kinds").rows == 2


def test_rows_are_cut_where_they_end(mysql, tmp_path):
    made(mysql)
    kept.keep(mysql, tmp_path, limit=1 << 30)
    (file,) = tmp_path.glob("*-shop-kinds.mysql")
    whole = file.read_bytes()
    assert not kept.cut_rows(file, most=3)
    assert file.read_bytes() == whole
    assert kept.cut_rows(file, most=1)
    mysql.reset()
    kept.bring_back(mysql, tmp_path)
    assert mysql.query("SELECT id, name FROM shop.kinds").to_pylist() == [
        {"id": 1, "name": 'ä"ö\n,\\\t'}
    ]


@pytest.mark.parametrize(
    "listed",
    [
        '[{"database": "x", "made": "NO SQL", "tables": [], "code": []}]',
        '[{"database": "x", "made": "CREATE DATABASE x", "tables": [], "code": ["NO SQL"]}]',
        OUTSIDE,
        "[1]",
    ],
)
def test_what_is_no_state_is_refused(mysql, tmp_path, listed):
    (tmp_path / "mysql").mkdir()
    (tmp_path / "mysql" / "databases.json").write_text(listed)
    mysql.reset()
    with pytest.raises(InputError, match="cannot be brought back"):
        kept.bring_back(mysql, tmp_path / "mysql")


def test_who_made_a_view_is_not_kept(mysql, tmp_path):
    made(mysql)
    kept.keep(mysql, tmp_path, limit=1 << 30)
    assert "DEFINER=" not in (tmp_path / "databases.json").read_text()
