"""Models, other engines, checks beside the blocks, and what cannot be run here."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from harness.errors import InputError, ProjectError
from tests.walls import needs_namespace

OTHERS = {
    "to_snowflake": "Snowflake",
    "to_redshift": "Redshift",
    "to_clickhouse": "ClickHouse",
    "to_kafka": "Kafka",
    "to_redis": "Redis",
}
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


def test_a_model_is_trained_of_two_months_and_left_as_a_file(world):
    done = world.run("model_training", "duration_prediction")
    done.require_success()
    assert done.file("models/lin_reg.bin").stat().st_size > 0
    assert "intercept" in done.stdout
    assert [test.name for test in done.block("train").tests] == ["test_output"]


def test_all_packages_that_a_training_lacks_are_told_at_once(world):
    done = world.run("mlflow_tracking", "wine_quality")
    lacks = [(one.line, one.message) for one in done.problems if one.code == "missing-package"]
    assert [message.rpartition(" line ")[2].split()[0] for _, message in lacks] == [
        "xgboost",
        "hyperopt",
        "mlflow",
    ]
    servers = [one for one in done.problems if one.code == "missing-service"]
    assert [(one.file, one.line) for one in servers] == [("data_exporters/register_model.py", 3)]
    assert "an MLflow server is not supported yet" in servers[0].message


def test_spark_without_its_package_is_told_with_the_line_to_write(world):
    done = world.run("spark_session", "spark_counts")
    assert any("add the line pyspark to requirements.txt" in one.message for one in done.problems)


def test_a_pipeline_for_a_spark_cluster_is_refused(world):
    with pytest.raises(InputError, match="not supported yet") as refused:
        world.run("spark_session", "spark_kernel")
    assert "AWS EMR cluster" in str(refused.value)


def test_expectations_beside_a_block_are_checked(world):
    world.run("great_expectations", "checked_prices").require_success()


@pytest.mark.slow
def test_expectations_that_do_not_hold_fail_the_run(world):
    done = world.run("great_expectations", "checked_prices", variables={"most": 50})
    assert not done.ok
    assert "price" in done.problems[0].message


@pytest.mark.parametrize("pipeline", ["on_kubernetes", "block_on_kubernetes", "in_one_process"])
def test_executors_and_limits_of_a_cluster_do_not_keep_it_from_running(world, pipeline):
    done = world.run("run_elsewhere", pipeline)
    done.require_success()
    told = "runs here, and not by its executor k8s" in " ".join(world.told)
    assert told == ("kubernetes" in pipeline)
    (label,) = [one for one in ("a", "b", "c") if "numbers_" + one in " ".join(names(done))]
    assert done.file(f"numbers_{label}.csv").read_text() == "n\n1\n2\n3\n"


def names(done):
    return [path.name for path in done.file("io_config.yaml").parent.iterdir()]


def test_requirements_that_exclude_mages_are_told_with_both_lines(world):
    with pytest.raises(ProjectError) as refused:
        world.run("conflicting_requirements", "one")
    assert "requirements.txt:3: requests==2.32.3" in str(refused.value)
    assert "mage-ai>=0.9.80 asks for requests" in str(refused.value)


@pytest.mark.parametrize("pipeline", OTHERS)
def test_servers_that_have_no_private_stand_in_are_named(world, pipeline):
    done = world.run("other_servers", pipeline, env=KEYS)
    assert not done.ok
    told = [*world.told, *(one.message for one in done.problems)]
    assert any(f"{OTHERS[pipeline]} is not supported yet, because" in one for one in told)
    assert {one.block for one in done.problems} == {pipeline}


@needs_namespace
@pytest.mark.slow
def test_frames_of_polars_pass_through_duckdb(world):
    done = world.run("polars_and_duckdb", "zones")
    done.require_success()
    zones = pq.read_table(done.file("zones.parquet"))
    assert zones.to_pylist() == [
        {"zone": "JFK", "trips": 2, "fares": 104.0, "mean_fare": 52.0},
        {"zone": "SoHo", "trips": 1, "fares": 8.5, "mean_fare": 8.5},
    ]
    assert world.rows() == {"/home/src/warehouse/taxi.duckdb:main.trips_by_zone": 2}


def test_programs_run_and_one_that_fails_is_told(world):
    done = world.run("command_line_tools", "compressed")
    done.require_success()
    assert "grep with status 1 (compress, line 13)" in " ".join(world.told)


def test_a_program_that_is_not_there_is_a_problem_though_the_block_goes_on(world):
    done = world.run("command_line_tools", "uploaded")
    (problem,) = done.problems
    assert (problem.code, problem.block, problem.line) == ("program-missing", "copy_to_blobs", 9)
    assert problem.message.startswith("azcopy ended with status 127")
