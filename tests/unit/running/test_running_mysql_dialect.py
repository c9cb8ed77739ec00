"""Statements of Oracle's MySQL in MariaDB's words."""

from __future__ import annotations

import sys

import pytest

from harness.tap import SITE

INSERT = "INSERT INTO t (`a`, `b`)\nVALUES (1, 'x'),(2, 'AS new')\n"


@pytest.fixture
def said(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(SITE), *sys.path])
    from mage_harness_tap.mysql_dialect import as_mariadb

    return as_mariadb


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        (
            f"{INSERT}AS new\nON DUPLICATE KEY UPDATE a = new.a, b = NEW.`b`",
            f"{INSERT}ON DUPLICATE KEY UPDATE a = VALUES(a), b = VALUES(`b`)",
        ),
        (
            "CREATE TABLE t (s TEXT) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
            "CREATE TABLE t (s TEXT) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",
        ),
    ],
)
def test_what_mariadb_has_other_words_for_is_said_so(said, statement, changed):
    assert said(statement) == changed
    assert said(statement.encode()) == changed.encode()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a), b = b + 1",
        "INSERT INTO t VALUES ('(1) AS new ON DUPLICATE KEY UPDATE a = new.a')",
        "INSERT INTO t VALUES ('utf8mb4_0900_ai_ci')",
        "SELECT new.a FROM t AS new",
        "INSERT INTO t VALUES (1) AS new ON DUPLICATE KEY UPDATE a = CONCAT(new.a, 'x')",
    ],
)
def test_all_else_stays_as_it_is(said, statement):
    assert said(statement) is statement
    raw = bytearray(statement.encode())
    assert said(raw) is raw
