"""Sources that a test fills: a second PostgreSQL, Cloud Storage and BigQuery."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.services.bigquery import BigQueryStub
from harness.services.embedded.gcs import GcsServer
from harness.services.embedded.postgres import PostgresServer
from harness.settings import Settings
from harness.sources.limits import Limits
from harness.sources.recording import recording

PROJECT = Path(__file__).parents[2] / "projects" / "reads_sources"


@pytest.fixture(scope="module")
def postgres_source():
    server = PostgresServer(cache=Settings().cache)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def gcs_source():
    server = GcsServer(project="harness-project", cache=Settings().cache)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def bigquery_source(gcs_source):
    server = BigQueryStub(project="harness-project", gcs_endpoint=gcs_source.endpoint)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def record(tmp_path):
    """Opens a recording into ``tmp_path/fixtures``, without running Mage."""

    @contextmanager
    def opened(*, replace=False, sample=None, mib=100, without=(), **given):
        settings = Settings(project=PROJECT, fixtures=tmp_path / "fixtures", **given)
        limits = Limits(mib=mib, sample=sample, without=tuple(without))
        with recording(settings, limits=limits, replace=replace, progress=lambda _: None) as found:
            try:
                yield found
            except BaseException as error:
                error.add_note(f"not fetched: {found.shelf.problems}")
                raise

    return opened


def keep(found):
    """What the command does when a pipeline has run."""
    trouble = found.trouble()
    if trouble is not None:
        raise trouble
    return found.write()
