"""The administrator's connection that stays is made anew where it was lost."""

from __future__ import annotations

import os
import signal

import psycopg2
import pytest


@pytest.fixture
def standing(running_postgres):
    """The connection, and who has it."""
    running_postgres.reset()
    access = running_postgres._up()
    return access.standing(), access


def test_it_is_one_for_all_questions(running_postgres, standing):
    connection, access = standing
    running_postgres.incidents(0)
    running_postgres.reset()
    assert access.standing() is connection


def test_one_that_the_server_ended_is_made_anew(running_postgres, standing):
    connection, access = standing
    with psycopg2.connect(running_postgres.url) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    other.close()
    running_postgres.reset()
    assert access.standing() is not connection


def test_one_that_hangs_is_not_waited_for(running_postgres, standing, monkeypatch):
    monkeypatch.setattr("harness.services.postgres_access._PATIENCE", 1)
    connection, access = standing
    hanging = connection.info.backend_pid
    os.kill(hanging, signal.SIGSTOP)
    try:
        assert access.standing() is not connection
    finally:
        os.kill(hanging, signal.SIGCONT)
    running_postgres.reset()
