"""Fixtures of the BigQuery stub alone, for any test suite: no Mage project is needed.

A test of anything that talks to BigQuery::

    def test_the_report_reads_one_day(bigquery_stub):
        client = bigquery_stub.client()
        client.create_dataset("shop")
        ...
        assert bigquery_stub.bytes_processed < 1_000_000
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.services.bigquery import BigQueryStub

PROJECT = "test-project"


@pytest.fixture(scope="session")
def bigquery_stub_factory() -> Iterator[Callable[..., BigQueryStub]]:
    """Makes started stubs, ended with the session: ``bigquery_stub_factory(project="shop")``.

    Each is a server of its own. Other arguments are those of ``BigQueryStub``.
    """
    from harness.services.bigquery import BigQueryStub  # noqa: PLC0415

    made: list[BigQueryStub] = []

    def make(*, project: str = PROJECT, **options: Any) -> BigQueryStub:
        stub = BigQueryStub(project=project, **options)
        stub.start()
        made.append(stub)
        return stub

    yield make
    for stub in made:
        stub.stop()


@pytest.fixture(scope="session")
def bigquery_stub_environment(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Mapping[str, str]]:
    """Variables that let Google's clients sign in, at an endpoint of this machine's own."""
    from harness.services.google import GoogleIdentity  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("google")
    identity = GoogleIdentity(project=PROJECT, cache=folder, parent=folder)
    identity.start()
    yield {**identity.environment(), "GOOGLE_CLOUD_PROJECT": PROJECT}
    identity.stop()


@pytest.fixture(scope="session")
def _bigquery_stub(bigquery_stub_factory: Callable[..., BigQueryStub]) -> BigQueryStub:
    return bigquery_stub_factory()


@pytest.fixture
def bigquery_stub(
    _bigquery_stub: BigQueryStub, bigquery_stub_environment: Mapping[str, str]
) -> Iterator[BigQueryStub]:
    """A BigQuery of this test's own, empty at its start; ``bigquery.Client()`` finds it.

    The variables that lead Google's clients there are set for the test and put back after it.
    """
    from harness.services.bigquery_storage import redirected  # noqa: PLC0415

    _bigquery_stub.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**bigquery_stub_environment, **_bigquery_stub.environment()}.items():
            patch.setenv(name, value)
        with redirected(_bigquery_stub.url):
            yield _bigquery_stub
