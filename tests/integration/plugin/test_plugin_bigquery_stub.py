"""The stub's own fixtures, in a test suite that knows nothing of Mage."""

from __future__ import annotations

import os
import re

import pytest


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in ("BIGQUERY_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    return pytester


def test_it_is_empty_for_each_test_and_any_client_finds_it(suite):
    suite.makepyfile(
        """
        import os
        import pytest
        from google.cloud import bigquery

        @pytest.mark.parametrize("again", [1, 2])
        def test_client(bigquery_stub, again):
            client = bigquery.Client()
            assert list(client.list_datasets()) == []
            assert bigquery_stub.queries() == () and bigquery_stub.faults.account() == ()
            client.create_dataset("shop")
            client.query_and_wait("CREATE TABLE shop.sales AS SELECT 1 AS a")
            kept = bigquery_stub.snapshot()
            client.query_and_wait("DELETE FROM shop.sales WHERE true")
            bigquery_stub.restore(kept)
            assert list(client.query_and_wait("SELECT a FROM shop.sales"))[0].a == 1
            assert bigquery_stub.client().project == client.project
            assert bigquery_stub.bytes_processed > 0
            assert [one.type for one in bigquery_stub.queries()][-1] == "SELECT"
            assert bigquery_stub.calls()[0].operation == "datasets.list"

        def test_the_environment_is_put_back():
            assert "BIGQUERY_EMULATOR_HOST" not in os.environ
            assert "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ

        def test_expectations(bigquery_stub):
            from harness.expect import Expect
            client = bigquery_stub.client()
            client.create_dataset("shop")
            client.query_and_wait("CREATE TABLE shop.sales AS SELECT 1 AS a")
            Expect(bigquery=bigquery_stub).bigquery("shop.sales").rows(1)

        def test_others_of_ones_own(bigquery_stub_factory, bigquery_stub):
            one = bigquery_stub_factory(project="one", location="EU")
            assert one.url != bigquery_stub.url
            assert one.client().create_dataset("d").location == "EU"
            assert list(bigquery_stub.client().list_datasets()) == []
        """
    )
    done = suite.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=5)


def test_it_costs_milliseconds(suite):
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(50))
        def test_one(bigquery_stub, number):
            assert bigquery_stub.url
        """
    )
    done = suite.runpytest_subprocess("-q", "-p", "no:cacheprovider", "--durations=0", "-vv")
    done.assert_outcomes(passed=50)
    seconds = [float(one) for one in re.findall(r"([\d.]+)s setup", done.stdout.str())]
    # Only the first test pays for the start, on a busy machine too.
    first, *others = sorted(seconds, reverse=True)
    assert sum(one > first / 4 for one in others) < 10


def test_nothing_is_loaded_for_tests_that_do_not_ask(suite):
    suite.makepyfile(
        """
        import sys

        def test_none():
            assert not {"duckdb", "uvicorn", "harness.bigquery"} & set(sys.modules)
        """
    )
    suite.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=1)
    assert os.environ.get("BIGQUERY_EMULATOR_HOST") is None
