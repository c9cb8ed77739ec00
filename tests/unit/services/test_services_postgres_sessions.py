from __future__ import annotations

import pytest

from harness.services.postgres_sessions import Sessions
from harness.services.postgres_statements import Effect, effect, split


def line(message, *, session="1", severity="LOG", **more):
    return {
        "timestamp": "2026-11-22 20:47:56.604 UTC",
        "session_id": session,
        "error_severity": severity,
        "message": message,
    } | more


def follow(*statements, end=True, session="1"):
    sessions = Sessions()
    lines = [
        one if isinstance(one, dict) else line(f"statement: {one}", session=session)
        for one in statements
    ]
    if end:
        lines.append(line("disconnection: session time: 0:00:01", session=session))
    return [incident for one in lines for incident in sessions.feed(one)]


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        ("INSERT INTO a.t VALUES (1)", "INSERT"),
        ("  /* dbt */ -- x\n insert into t select 1", "INSERT"),
        ("UPDATE ONLY t SET a = 1", "UPDATE"),
        ("DELETE FROM t", "DELETE"),
        ("MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", "MERGE"),
        ("TRUNCATE t", "TRUNCATE"),
        ("CREATE TABLE IF NOT EXISTS t (a int)", "CREATE TABLE"),
        ("CREATE UNIQUE INDEX i ON t (a)", "CREATE UNIQUE"),
        ("DROP TABLE t", "DROP TABLE"),
        ("COPY t (a, b) FROM STDIN WITH CSV", "COPY"),
        ("COPY t FROM '/to stdout'", "COPY"),
        ("SELECT 1 AS a INTO t", "SELECT"),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "WITH"),
        ("DO $$ BEGIN INSERT INTO t VALUES (1); END $$", "DO"),
        ("REFRESH MATERIALIZED VIEW m", "REFRESH"),
    ],
)
def test_what_writes_is_seen(statement, verb):
    found = effect(statement)
    assert found is not None
    assert (found.kind, found.verb) == ("write", verb)


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "SELECT 'x into y'",
        "SELECT 1 -- into",
        'SELECT "into" FROM t',
        "WITH x AS (SELECT 'delete') SELECT * FROM x",
        "COPY (SELECT * FROM t) TO STDOUT",
        "COPY t TO '/tmp/from'",
        "SHOW search_path",
        "SET search_path TO x",
        "COMMIT PREPARED 'x'",
        "FETCH ALL FROM c",
    ],
)
def test_what_only_reads_is_not(statement):
    assert effect(statement) is None


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("BEGIN", Effect("begin")),
        ("start  transaction isolation level serializable", Effect("begin")),
        ("COMMIT AND CHAIN", Effect("commit", "chain")),
        ("END", Effect("commit")),
        ("PREPARE TRANSACTION 'x'", Effect("commit")),
        ("ABORT", Effect("rollback")),
        ("ROLLBACK TO SAVEPOINT S1", Effect("rollback to", "s1")),
        ('rollback work to "S1"', Effect("rollback to", "S1")),
        ("SAVEPOINT s1", Effect("savepoint", "s1")),
        ("CREATE TEMP TABLE x (a int)", Effect("temporary", "x")),
        ("SELECT 1 INTO TEMPORARY y", Effect("temporary", "y")),
    ],
)
def test_what_governs_a_transaction(statement, expected):
    assert effect(statement) == expected


def test_statements_are_split_outside_of_quotes_only():
    text = "INSERT INTO t VALUES (';', $a$;$a$, E'\\';'); -- ;\n SELECT 1;"
    assert [part.strip() for part in split(text)] == [
        "INSERT INTO t VALUES (';', $a$;$a$, E'\\';')",
        "-- ;\n SELECT 1",
    ]


def test_writes_without_commit_are_lost():
    incidents = follow(
        "BEGIN", "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"
    )
    assert [incident.code for incident in incidents] == ["postgres-uncommitted"]
    assert incidents[0].message.endswith("1 CREATE TABLE, 2 INSERT")
    assert incidents[0].detail == "CREATE TABLE t (a int)"
    assert incidents[0].at == 1795380476.604


@pytest.mark.parametrize(
    "statements",
    [
        ["INSERT INTO t VALUES (1)"],
        ["BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"],
        ["BEGIN", "SELECT 1", "ROLLBACK"],
        ["BEGIN; INSERT INTO t VALUES (1); COMMIT"],
        ["BEGIN", "SELECT 1"],
        ["BEGIN", "CREATE TEMP TABLE x (a int)", "INSERT INTO x VALUES (1)"],
        ["BEGIN", "SAVEPOINT a", "INSERT INTO t VALUES (1)", "ROLLBACK TO a"],
        ["BEGIN", "INSERT INTO t VALUES (1)", "COMMIT AND CHAIN", "SELECT 1"],
    ],
)
def test_nothing_is_lost_where_all_was_committed_or_taken_back(statements):
    assert follow(*statements) == []


@pytest.mark.parametrize("end", ["ROLLBACK", "ABORT", "ROLLBACK AND CHAIN"])
def test_writes_that_are_rolled_back_though_nothing_failed_are_told(end):
    (incident,) = follow("BEGIN", "INSERT INTO t VALUES (1)", end, "SELECT 1")
    assert incident.code == "postgres-rolled-back"
    assert incident.message.endswith("lost: 1 INSERT")


def test_a_rollback_after_an_error_is_told_by_the_error_alone():
    error = line("boom", severity="ERROR", state_code="42P01")
    incidents = follow("BEGIN", "INSERT INTO t VALUES (1)", error, "ROLLBACK")
    assert [one.code for one in incidents] == ["postgres-error"]


def test_a_savepoint_takes_back_only_what_followed_it():
    incidents = follow(
        "BEGIN",
        "INSERT INTO t VALUES (1)",
        "SAVEPOINT a",
        "SAVEPOINT b",
        "DELETE FROM t",
        "ROLLBACK TO a",
    )
    assert incidents[0].message.endswith("lost: 1 INSERT")


def test_a_session_that_goes_on_has_lost_nothing_yet():
    assert follow("BEGIN", "INSERT INTO t VALUES (1)", end=False) == []


def test_a_failed_transaction_is_told_once_by_its_error():
    error = line(
        'relation "nope" does not exist',
        severity="ERROR",
        state_code="42P01",
        statement="SELECT * FROM nope",
        hint="look",
    )
    incidents = follow("BEGIN", "INSERT INTO t VALUES (1)", error, "DELETE FROM t")
    assert [(one.code, one.message, one.detail) for one in incidents] == [
        (
            "postgres-error",
            'ERROR 42P01: relation "nope" does not exist; look',
            "SELECT * FROM nope",
        )
    ]


@pytest.mark.parametrize(
    ("message", "code", "seed"),
    [
        ('relation "dw.facts" does not exist', "42P01", "fixtures/seeds/postgres/dw.facts.csv"),
        ('relation "facts" does not exist', "42P01", "fixtures/seeds/postgres/public.facts.csv"),
        ('column "a" does not exist', "42703", ""),
        ('relation "facts" already exists', "42P07", ""),
    ],
)
def test_for_a_table_that_is_not_there_the_seed_to_write_is_named(message, code, seed):
    (one,) = follow(line(message, severity="ERROR", state_code=code))
    assert seed in one.remedy
    assert bool(one.remedy) == bool(seed)


def test_after_a_return_to_a_savepoint_writes_count_again():
    error = line("boom", severity="ERROR", state_code="42P01")
    incidents = follow("BEGIN", "SAVEPOINT a", error, "ROLLBACK TO a", "INSERT INTO t VALUES (1)")
    assert [one.code for one in incidents] == ["postgres-error", "postgres-uncommitted"]


def test_the_extended_protocol_is_followed_too():
    incidents = follow(
        line("execute <unnamed>: BEGIN"),
        line("execute S_1/C_2: INSERT INTO t VALUES ($1)"),
        line("execute fetch from S_1: DELETE FROM t"),
    )
    assert incidents[0].message.endswith("lost: 1 INSERT")


def test_the_harness_does_not_report_itself():
    own = {"application_name": "mage-harness"}
    assert follow(line("boom", severity="ERROR", **own), end=False) == []


def test_sessions_are_kept_apart():
    sessions = Sessions()
    for session in ("1", "2"):
        list(sessions.feed(line("statement: BEGIN", session=session)))
        list(sessions.feed(line("statement: DELETE FROM t", session=session)))
    list(sessions.feed(line("statement: COMMIT", session="1")))
    assert list(sessions.feed(line("disconnection: x", session="1"))) == []
    assert sessions.undecided()
    assert len(list(sessions.feed(line("disconnection: x", session="2")))) == 1
    assert not sessions.undecided()
