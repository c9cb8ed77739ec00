"""What is promised to be the same with both providers, compared: verdicts, blocks, contents, faults."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from harness.expect import Expect
from harness.running.asked import Asked
from harness.running.session import Session

pytestmark = pytest.mark.docker

PROJECTS = Path(__file__).parents[2] / "projects"
PROVIDERS = ("embedded", "docker")
PIPELINES = ("api_to_gcs", "gcs_to_bigquery", "api_to_postgres")
BUCKET = "harness-project-yellowtaxi-bucket"
FAULTY = (
    "bigquery_bad_sql",
    "connection_fails",
    "failing_test",
    "gcs_missing_object",
    "leaves_the_machine",
    "postgres_no_commit",
    "sensor_skipped",
)


def opened(settings, provider: str, **changed) -> Session:
    return Session(settings.model_copy(update={"provider": provider, **changed}))


def facts_of(run):
    """What a run says, without times and places of this machine."""
    blocks = [replace(one, seconds=None, began=None, ended=None) for one in run.blocks]
    return {
        "verdict": (run.ok, run.process.exit_status, run.process.timed_out),
        "blocks": blocks,
        "problems": [replace(one, message=plain(one.message)) for one in run.problems],
        "accepted": run.accepted,
        "sinks": [(one.service, one.name, one.rows, one.columns) for one in run.sinks],
        "outputs": {one.uuid: run.outputs(one.uuid) for one in run.blocks},
    }


def plain(message: str) -> str:
    """A message without what differs from run to run: addresses, ports, folders, hexadecimals."""
    text = re.sub(r"\d+\.\d+\.\d+\.\d+|localhost", "ADDRESS", message)
    text = re.sub(r"/\S*mage-harness-\w+/runs/\w+", "FOLDER", text)
    text = re.sub(r"(?<=ADDRESS:)\d+|(?<=port )\d+", "PORT", text)
    return re.sub(r"\b[0-9a-f-]{12,}\b", "HEX", text)


def tables_of(run):
    return {
        (one.uuid, index): run.output(one.uuid, index)
        for one in run.blocks
        for index in range(len(run.outputs(one.uuid)))
    }


def same(one: pa.Table, other: pa.Table) -> None:
    """The same columns, and by DuckDB the same rows, each as often."""
    assert one.schema.equals(other.schema)
    assert one.num_rows == other.num_rows
    for left, right in (("one", "other"), ("other", "one")):
        query = f"SELECT count(*) FROM (SELECT * FROM {left} EXCEPT ALL SELECT * FROM {right})"
        assert duckdb.sql(query).fetchall() == [(0,)]


@pytest.fixture(scope="module")
def taxi(mage_settings):
    """By provider: what the three pipelines said and left, in one world each."""
    found = {}
    for provider in PROVIDERS:
        with opened(mage_settings, provider) as session:
            stack = session.stack
            runs = {name: session.run(name, asked=Asked(inventory=True)) for name in PIPELINES}
            expect = Expect(
                postgres=lambda stack=stack: stack.postgres,
                gcs=lambda stack=stack: stack.gcs,
                bigquery=lambda stack=stack: stack.bigquery,
            )
            found[provider] = {
                "facts": {name: facts_of(run) for name, run in runs.items()},
                "outputs": {name: tables_of(run) for name, run in runs.items()},
                "inventory": [
                    (one.service, one.name, one.rows, one.columns) for one in stack.inventory()
                ],
                "contents": {
                    "table": expect.table("ny_taxi.yellow_cab_data").arrow(),
                    "object": expect.objects(BUCKET, "nyc_taxi_data.parquet").arrow(),
                    "dataset": expect.objects(BUCKET, "nyc_taxi_data/").arrow(),
                    "bigquery": expect.bigquery("ny_taxi.yellow_cab_data").arrow(),
                },
                "partitions": expect.objects(BUCKET, "nyc_taxi_data/").partition_rows(),
                "incidents": [
                    one for run in runs.values() for one in stack.incidents(run.process.began)
                ],
                "values": sorted(stack.values()),
                "overlay": sorted(stack.overlay()),
            }
    return found


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_runs_say_the_same(taxi, pipeline) -> None:
    one, other = (taxi[provider]["facts"][pipeline] for provider in PROVIDERS)
    assert one == other
    assert one["verdict"] == (True, 0, False)
    assert one["sinks"]


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_blocks_leave_the_same_outputs(taxi, pipeline) -> None:
    one, other = (taxi[provider]["outputs"][pipeline] for provider in PROVIDERS)
    assert one.keys() == other.keys()
    assert one
    for place in one:
        same(one[place], other[place])


@pytest.mark.parametrize("kind", ["table", "object", "dataset", "bigquery"])
def test_the_same_rows_were_written(taxi, kind) -> None:
    one, other = (taxi[provider]["contents"][kind] for provider in PROVIDERS)
    assert one.num_rows > 0
    same(one, other)


@pytest.mark.parametrize("fact", ["inventory", "partitions", "incidents", "values", "overlay"])
def test_the_services_tell_the_same(taxi, fact) -> None:
    one, other = (taxi[provider][fact] for provider in PROVIDERS)
    assert one == other
    assert bool(one) == (fact != "incidents")


@pytest.fixture(scope="module")
def faulty(mage_settings):
    """By provider and project: what its run said."""
    found = {}
    for provider in PROVIDERS:
        with opened(mage_settings, provider) as owner:
            for name in FAULTY:
                case = YAML(typ="safe").load(PROJECTS / name / "case.yaml")
                settings = owner.settings.model_copy(update={"project": PROJECTS / name})
                session = Session(settings, stack=owner.stack)
                session.reset()
                arguments = [word for word in case["arguments"] if word != "--test"]
                run = session.run(name, asked=Asked(arguments=tuple(arguments), inventory=True))
                found[provider, name] = facts_of(run)
    return found


@pytest.mark.parametrize("name", FAULTY)
def test_the_same_fault_has_the_same_problem_in_the_same_place(faulty, name) -> None:
    one, other = (faulty[provider, name] for provider in PROVIDERS)
    assert one["problems"]
    assert one == other
