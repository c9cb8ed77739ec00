"""The log of a PostgreSQL that others use too."""

from __future__ import annotations

import json

from harness.services.postgres_log import StatementLog


def entry(database, message="boom", **more):
    facts = {
        "timestamp": "2026-01-02 03:04:05.678 UTC",
        "user": "u",
        "dbname": database,
        "session_id": "1",
        "error_severity": "ERROR",
        "state_code": "42601",
        "message": message,
    }
    return json.dumps(facts | more, separators=(",", ":")) + "\n"


def test_only_the_sessions_database_counts(tmp_path):
    file = tmp_path / "log"
    file.write_text("")
    log = StatementLog(file, database='mine "x"')
    other = entry("other", statement='SELECT \'"dbname":"mine \\"x\\""\'')
    nobody = entry(None).replace('"dbname":null,', "")
    file.write_text(entry('mine "x"') + other + nobody + entry("mine") + "mark\n")
    assert log.read_to("mark")
    assert [one.detail for one in log.incidents(0)] == [""]


def test_what_was_there_before_is_not_read_and_nothing_is_emptied(tmp_path):
    file = tmp_path / "log"
    file.write_text(entry("mine"))
    log = StatementLog(file, database="mine")
    with file.open("a") as server:
        server.write(entry("mine", "second") + "mark\n")
    assert log.read_to("mark")
    assert len(log.incidents(0)) == 1
    size = file.stat().st_size
    log.clear()
    assert (log.incidents(0), file.stat().st_size) == ([], size)
    with file.open("a") as server:
        server.write(entry("mine", "third") + "mark 2\n")
    assert log.read_to("mark 2")
    assert [one.message for one in log.incidents(0)] == ["ERROR 42601: third"]


def test_a_log_that_another_has_emptied_is_read_from_its_new_beginning(tmp_path):
    file = tmp_path / "log"
    file.write_text(entry("mine") + entry("mine")[:50])
    log = StatementLog(file, database="mine")
    file.write_text(entry("mine", "new") + "mark\n")
    assert log.read_to("mark")
    assert [one.message for one in log.incidents(0)] == ["ERROR 42601: new"]


def test_a_mark_that_does_not_come_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("harness.services.log.PATIENCE", 0.01)
    assert not StatementLog(tmp_path / "none", database="mine").read_to("mark")
