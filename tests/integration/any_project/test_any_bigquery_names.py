"""A table is found without its project where one project alone has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from harness.errors import MissingSinkError
from harness.services.bigquery import BigQueryStub


@pytest.fixture(scope="module")
def stub() -> Iterator[BigQueryStub]:
    service = BigQueryStub(project="ours")
    service.start()
    for project, rows in (("theirs", 1), ("others", 2)):
        client = bigquery.Client(
            project=project,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": service.url},
        )
        client.create_dataset("shop")
        client.query(f"CREATE TABLE shop.both AS SELECT {rows} AS n").result()
        client.query(f"CREATE TABLE shop.of_{project} AS SELECT {rows} AS n").result()
        client.close()
    yield service
    service.stop()


def test_one_that_one_project_has_is_found(stub):
    assert stub.describe("shop.of_theirs").name == "theirs.shop.of_theirs"
    assert stub.read("shop.of_others")["n"].to_pylist() == [2]


@pytest.mark.parametrize("name", ["shop.both", "both", "of_theirs", "nobody.shop.of_theirs"])
def test_one_that_several_have_is_not_guessed(stub, name):
    with pytest.raises(MissingSinkError):
        stub.describe(name)


def test_its_whole_name_says_which(stub):
    assert stub.read("others.shop.both")["n"].to_pylist() == [2]
