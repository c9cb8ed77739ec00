"""Clients of PostgreSQL end at the private server, whatever they name, and are judged there."""

from __future__ import annotations

import pytest

from harness.running.notes import notes
from tests.walls import needs_namespace

TABLES = {
    "aside.by_keywords_3",
    *(f"public.by_keywords_{number}" for number in range(3)),
    *(f"public.by_url_{number}" for number in range(4)),
    *(f"public.in_c_{number}" for number in range(5)),
    "shop.by_profile",
}


@pytest.fixture(scope="module")
def clients(run):
    done = run("any_postgres", "clients")
    done.require_success()
    return done


@needs_namespace
def test_urls_keywords_profiles_and_programs_meet_in_one_private_database(clients, stack):
    assert {sink.name: sink.rows for sink in stack.postgres.inventory()} == dict.fromkeys(TABLES, 3)


def test_what_was_led_elsewhere_is_told_without_a_password(clients):
    servers, databases = notes(clients.process.events)
    assert servers.startswith("led to the private PostgreSQL: ")
    assert "shop.abc123.eu-west-1.rds.amazonaws.com:5432" in servers
    assert "pgdatabase:5432" in servers
    assert "of-a-child:5432" in servers
    assert databases.startswith("one private database stands for ")
    assert {"ny_taxi", "airflow", "dwh"} <= set(databases.replace(",", "").split())
    assert "cret" not in servers + databases


def test_blocks_in_threads_import_the_client_without_a_deadlock(run):
    run("any_postgres", "together").require_success()


@pytest.mark.slow
def test_a_failure_there_is_a_problem_even_if_the_block_swallows_it(run):
    done = run("any_postgres", "swallowing")
    assert [(one.code, one.block, one.line) for one in done.problems] == [
        ("postgres-error", "swallow", 11)
    ]


@pytest.mark.slow
def test_other_drivers_do_too_in_python_c_and_rust(run, stack):
    run("any_clients", "postgres").require_success()
    rows = {sink.name: sink.rows for sink in stack.postgres.inventory()}
    drivers = {"adbc": 3, "asyncpg": 2, "pg8000": 1, "psycopg": 3}
    assert {f"public.by_{name}": count for name, count in drivers.items()}.items() <= rows.items()
