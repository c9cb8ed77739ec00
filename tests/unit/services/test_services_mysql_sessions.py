"""What statements of MySQL do to their sessions, and what is lost in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.services.mysql_sessions import Entry, lost
from harness.services.mysql_statements import Effect, effect, split

BY_HAND = "SET AUTOCOMMIT = 0"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("SELECT 'INSERT INTO t'", None),
        ("SHOW TABLES", None),
        ("insert ignore into `shop` . `t` values (1)", Effect("write", "shop.t", "INSERT")),
        ("/* why */ -- so\nREPLACE t SELECT 1", Effect("write", "t", "REPLACE")),
        ("UPDATE t SET n = 1", Effect("write", "t", "UPDATE")),
        ("DELETE FROM t", Effect("write", "t", "DELETE")),
        ("LOAD DATA LOCAL INFILE 'x' INTO TABLE t", Effect("write", "t", "LOAD")),
        ("WITH a AS (SELECT 1) SELECT 'DELETE FROM x' FROM a", None),
        ("CREATE TABLE t (n int)", Effect("at once")),
        ("CREATE TEMPORARY TABLE IF NOT EXISTS t (n int)", Effect("temporary", "t")),
        ("DROP TEMPORARY TABLE t", None),
        ("TRUNCATE t", Effect("at once")),
        ("START TRANSACTION", Effect("begin")),
        ("COMMIT", Effect("commit")),
        ("ROLLBACK", Effect("rollback")),
        ("ROLLBACK TO SAVEPOINT `A`", Effect("rollback to", "a")),
        ("SAVEPOINT a", Effect("savepoint", "a")),
        ("set autocommit=0", Effect("by hand", "itself")),
        ("SET @@session.autocommit = OFF", Effect("by hand", "itself")),
        ("SET SESSION autocommit = ON", Effect("commit", "itself")),
    ],
)
def test_what_a_statement_does(statement, what):
    assert effect(statement) == what


def test_statements_are_split_at_their_own_semicolons_only():
    text = "INSERT INTO t VALUES ('a;b\\';', \"c;\"); -- d;\nSELECT `e;f`;"
    assert [one.strip() for one in split(text)] == [
        "INSERT INTO t VALUES ('a;b\\';', \"c;\")",
        "-- d;\nSELECT `e;f`",
    ]


def told(*statements, ended="Quit", alive=()):
    entries = [Entry(float(at), 1, "Query", one) for at, one in enumerate(statements)]
    if ended:
        entries.append(Entry(99.0, 1, ended, ""))
    found, undecided = lost(entries, alive=alive)
    return [(one.code, one.message.partition("lost: ")[2]) for one in found], undecided


@pytest.mark.parametrize(
    ("statements", "gone"),
    [
        (["INSERT INTO t VALUES (1)"], []),
        ([BY_HAND, "INSERT INTO t VALUES (1)"], ["1 INSERT"]),
        ([BY_HAND, "INSERT INTO t VALUES (1)", "COMMIT"], []),
        ([BY_HAND, "INSERT INTO t VALUES (1)", "CREATE TABLE u (n int)"], []),
        ([BY_HAND, "INSERT INTO t VALUES (1)", "SET autocommit = 1", "DELETE FROM t"], []),
        (["BEGIN", "DELETE FROM t", "UPDATE t SET n = 1"], ["1 DELETE, 1 UPDATE"]),
        (["BEGIN", "DELETE FROM t", "COMMIT", "DELETE FROM t"], []),
        ([BY_HAND, "CREATE TEMPORARY TABLE t (n int)", "INSERT INTO t VALUES (1)"], []),
        (
            [BY_HAND, "DELETE FROM t", "SAVEPOINT a", "DELETE FROM u", "ROLLBACK TO a"],
            ["1 DELETE"],
        ),
        ([BY_HAND, "SAVEPOINT a", "DELETE FROM u", "ROLLBACK TO a"], []),
    ],
)
def test_what_nobody_committed_is_lost(statements, gone):
    assert told(*statements) == ([("mysql-uncommitted", one) for one in gone], False)


def test_what_was_rolled_back_is_lost_and_told_once():
    assert told(BY_HAND, "DELETE FROM t", "ROLLBACK") == (
        [("mysql-rolled-back", "1 DELETE")],
        False,
    )


def test_a_session_that_is_connected_may_still_commit_and_one_that_was_cut_off_may_not():
    assert told(BY_HAND, "DELETE FROM t", ended="", alive=[1]) == ([], True)
    assert told(BY_HAND, "DELETE FROM t", ended="", alive=[2])[0] == [
        ("mysql-uncommitted", "1 DELETE")
    ]
    assert told(BY_HAND, "DELETE FROM t", ended="Reset connection", alive=[1])[0] == [
        ("mysql-uncommitted", "1 DELETE")
    ]


def test_where_a_statement_failed_that_is_told_and_no_rollback():
    entries = [
        Entry(0.0, 1, "Query", "BEGIN"),
        Entry(1.0, 1, "Query", "DELETE FROM t"),
        Entry(2.0, 1, "Query", "DELETE FROM u", failed=True),
        Entry(3.0, 1, "Query", "ROLLBACK"),
    ]
    assert lost(entries, alive=[]) == ([], False)
    entries[2] = replace(entries[2], failed=False)
    assert len(lost(entries, alive=[])[0]) == 1
