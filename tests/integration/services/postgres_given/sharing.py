"""What the tests of a given PostgreSQL share."""

from __future__ import annotations

import time
from contextlib import closing
from urllib.parse import quote

import psycopg2
import pytest

SECRET = "s3cr'et@/:%#? é"


def url(shared, user, password, database="postgres", port=None, query=""):
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"postgresql://{login}@127.0.0.1:{port or shared.port}/{database}{query}"


class admin:  # noqa: N801 - read as a sentence
    def __init__(self, shared):
        self.connection = psycopg2.connect(shared.url)
        self.connection.autocommit = True

    def __enter__(self):
        return self.connection.cursor()

    def __exit__(self, *error):
        self.connection.close()


def databases(shared):
    with admin(shared) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'mage\\_harness\\_%'")
        return [name for (name,) in cursor.fetchall()]


def pipeline(service):
    connection = psycopg2.connect(service.url)
    connection.autocommit = True
    return closing(connection)


def fail(service, statement="boom"):
    with pipeline(service) as connection, pytest.raises(psycopg2.Error):
        connection.cursor().execute(statement)


def message(error):
    seen, text = error, ""
    while seen is not None:
        text += f"{seen} {seen!r}"
        seen = seen.__cause__
    return text


def wait_until(check, seconds=60.0):
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
