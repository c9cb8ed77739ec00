"""Clients of MySQL end at the private server, whatever they name, and are judged there."""

from __future__ import annotations

import pytest

from harness.running.notes import notes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """Fixtures with a seed of MySQL: a table of the author's database."""
    folder = tmp_path_factory.mktemp("any_mysql")
    zones = folder / "seeds" / "mysql" / "shop.zones.csv"
    zones.parent.mkdir(parents=True)
    zones.write_text("id,borough\n1,a\n2,b\n")
    return folder


@pytest.fixture(scope="module")
def done(run, seeds):
    done = run("any_mysql", "clients", fixtures=seeds)
    done.require_success()
    return done


def test_each_client_writes_to_the_databases_that_it_names(done, stack):
    rows = {sink.name: sink.rows for sink in stack.mysql.inventory()}
    assert rows == {
        "dwh.by_connector_1": 3,
        "dwh.by_connector_2": 3,
        "dwh.by_url": 3,
        "shop.by_connector_0": 3,
        "shop.dev_clients_of_mage_v1": 2,
        "shop.zones": 2,
        "shop.zones_of_mage": 2,
        "shop.zones_of_sql": 2,
        "shop.zones_once": 2,
    }
    assert stack.mysql.read("shop.zones_of_sql")["borough"].to_pylist() == ["A", "B"]
    assert stack.mysql.read("dwh.by_url").to_pylist()[0] == {"n": 2, "price": 1.5}


def test_what_was_led_and_made_is_told_without_a_password(done):
    told = notes(done.process.events)
    (servers,) = [one for one in told if one.startswith("led to the private MySQL: ")]
    assert "shop.abc123.eu-west-1.rds.amazonaws.com:3306" in servers
    assert "host.docker.internal:3307" in servers
    assert "made when the run named them, as if production had them: the databases dwh" in told
    assert "cret" not in "".join(told)


def test_what_is_refused_or_not_committed_is_a_problem_even_if_the_block_swallows_it(run, stack):
    failed = run("any_mysql", "forgetful")
    assert [(one.code, one.block, one.line) for one in failed.problems] == [
        ("mysql-error", "forgets", 15),
        ("mysql-uncommitted", "forgets", 19),
    ]
    assert stack.mysql.describe("shop.orders").rows == 1


def test_pymysql_aiomysql_connectorx_and_polars_do_too(run, stack):
    run("any_mysql_clients", "clients").require_success()
    rows = {sink.name: sink.rows for sink in stack.mysql.inventory()}
    wanted = {"shop.by_url": 3, "shop.by_pymysql": 3, "shop.by_aiomysql": 3}
    assert wanted.items() <= rows.items()
