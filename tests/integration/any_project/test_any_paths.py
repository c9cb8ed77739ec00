"""The paths of Mage's container lead into the run's own folders, for every program in it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from harness.errors import InputError
from tests.walls import needs_namespace

pytestmark = needs_namespace

PROJECT = "any_paths/repository/magic-zoomcamp"
THERE = Path("/home/src").exists()


@pytest.fixture(scope="module")
def writes(run):
    done = run(PROJECT, "writes")
    done.require_success()
    return done


def test_inputs_modules_and_keys_are_where_the_image_has_them(writes):
    assert {block.uuid: block.status for block in writes.blocks} == dict.fromkeys(
        ("inputs", "outputs", "modules", "keys"), "completed"
    )


def test_what_was_written_is_found_by_the_path_that_the_block_names(writes):
    assert pq.read_table(writes.file("/home/src/data/out/trips_2021.parquet")).num_rows == 2
    assert pq.read_table(writes.file("/home/src/lake")).num_rows == 2
    done = writes.file("/home/src/made/by/block/done.txt")
    assert done.read_text() == "done\n"
    exported = writes.file("/home/src/magic-zoomcamp/exports/trips.csv")
    assert exported == writes.file("exports/trips.csv")
    assert writes.file("relative.csv").read_text() == exported.read_text()


def test_nothing_is_written_elsewhere(writes, stack):
    assert Path("/home/src").exists() == THERE
    assert writes.file("/home/src/lake").is_relative_to(stack.folder)
    assert writes.file("exports").is_relative_to(stack.folder)


def test_a_file_that_is_not_there_is_told_with_its_neighbours(writes):
    with pytest.raises(InputError, match="has left no file") as error:
        writes.file("/home/src/data/out/trips_2022.parquet")
    assert "trips_2021.parquet" in str(error.value)
    with pytest.raises(InputError, match="no path of the run's own"):
        writes.file("/etc/passwd")


def test_another_pipeline_of_the_same_world_reads_it(writes, run):
    run(PROJECT, "reads").require_success()


@pytest.mark.slow
def test_without_a_namespace_there_is_nothing_at_these_paths(run):
    done = run(PROJECT, "reads", network="guard")
    assert [one.code for one in done.problems] == ["block-failed"]
