"""One started stub for all tests of this folder; each test finds it empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.services.bigquery import BigQueryStub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.cloud.bigquery import Client

PROJECT = "test-project"


@pytest.fixture(scope="session")
def _started_stub() -> Iterator[BigQueryStub]:
    stub = BigQueryStub(project=PROJECT)
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def stub(_started_stub: BigQueryStub) -> BigQueryStub:
    _started_stub.reset()
    return _started_stub


@pytest.fixture
def client(stub: BigQueryStub) -> Iterator[Client]:
    with stub.client() as client:
        client.create_dataset("d")
        yield client
