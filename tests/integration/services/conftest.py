from __future__ import annotations

import pytest

from harness.services.embedded.gcs import GcsServer
from harness.services.embedded.postgres import PostgresServer
from harness.settings import Settings


@pytest.fixture(scope="session")
def cache():
    return Settings().cache


@pytest.fixture(scope="session")
def running_postgres(cache):
    server = PostgresServer(cache=cache)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running_postgres):
    running_postgres.reset()
    return running_postgres


@pytest.fixture(scope="session")
def running_gcs(cache):
    server = GcsServer(project="harness-project", cache=cache)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def storage(running_gcs):
    running_gcs.reset()
    return running_gcs


@pytest.fixture
def google_client(storage):
    client = storage.client()
    yield client
    client.close()
