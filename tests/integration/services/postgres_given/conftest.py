"""A server of PostgreSQL that is there already, and sessions on it."""

from __future__ import annotations

import pytest

from harness.services.embedded.postgres import PostgresServer
from harness.services.given.postgres import GivenPostgres
from tests.integration.services.postgres_given.sharing import SECRET, admin, databases, url


@pytest.fixture(scope="module")
def shared(cache):
    """A server that the sessions share, and that its tests may spoil."""
    server = PostgresServer(cache=cache)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def nothing_is_left(shared):
    yield
    assert databases(shared) == []


@pytest.fixture
def given(shared):
    made = []

    def make(url=None, **options):
        service = GivenPostgres(url or shared.url, **options)
        made.append(service)
        service.start()
        return service

    yield make
    for service in made:
        service.stop()


@pytest.fixture
def role(shared):
    """A user with few rights, whose name and password are hard to write down."""
    name = 'taxi "driver" / ü'
    with admin(shared) as cursor:
        cursor.execute('CREATE ROLE "taxi ""driver"" / ü" LOGIN CREATEDB PASSWORD %s', (SECRET,))
        yield url(shared, name, SECRET)
        cursor.execute('DROP ROLE "taxi ""driver"" / ü"')
