"""What the checks share. They know the stub by the environment's variables alone, as users do."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from google.cloud import bigquery

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def client() -> Iterator[bigquery.Client]:
    with bigquery.Client() as client:
        yield client


@pytest.fixture
def dataset(client: bigquery.Client) -> str:
    """The name of a new dataset."""
    name = f"shop_{next(_NUMBERS)}"
    client.create_dataset(name)
    return name


@pytest.fixture
def rows(client: bigquery.Client):
    """Answers a statement as a list of tuples."""
    return lambda sql: [row.values() for row in client.query_and_wait(sql)]
