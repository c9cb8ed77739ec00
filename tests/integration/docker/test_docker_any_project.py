"""Projects that were never meant for the harness, in containers: what is led, and what is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.expect import Expect
from harness.running.asked import Asked
from harness.running.session import Session
from harness.services.stack import Stack

pytestmark = pytest.mark.docker

PROJECTS = Path(__file__).parents[2] / "projects"


@pytest.fixture(scope="module")
def docker_settings(mage_settings):
    """Gives the settings of a project in containers, with none of what this repository sets."""

    def settings(project, **others):
        ours = {"needs": {}, "env": {}, "env_file": None, "fixtures": project / "none"}
        chosen = {"provider": "docker", "project": project, **ours, **others}
        return mage_settings.model_copy(update=chosen)

    return settings


@pytest.fixture(scope="module")
def sessions(docker_settings):
    """Gives the session of a project of tests/projects, all of them in one container."""
    with Stack(docker_settings(PROJECTS / "success")) as stack:
        yield lambda name: Session(docker_settings(PROJECTS / name), stack=stack)


@pytest.fixture(scope="module")
def lake(docker_settings, tmp_path_factory):
    """One project of S3 and DuckDB, whose image has the clients that its requirements name."""
    folder = tmp_path_factory.mktemp("lake")
    project = folder / "lake"
    for name in ("any_s3", "any_duckdb"):
        shutil.copytree(PROJECTS / name, project, dirs_exist_ok=True)
    (project / "requirements.txt").write_text("boto3\nduckdb\n")
    zones = folder / "fixtures" / "seeds" / "s3" / "bucket-of-seeds" / "zones.csv"
    zones.parent.mkdir(parents=True)
    zones.write_text("id,name\n1,a\n2,b\n")
    notes: list[str] = []
    settings = docker_settings(project, fixtures=folder / "fixtures")
    with Session(settings, progress=notes.append) as session:
        yield session, notes


def test_a_dynamic_block_is_run_by_the_engine(sessions):
    run = sessions("entry_dynamic").run("entry_dynamic")
    run.require_success()
    assert (run.entry, run.block("each").children) == ("engine", 3)


def test_blocks_run_one_by_one(sessions):
    run = sessions("entry_addons").run("entry_addons", asked=Asked(entry="blocks"))
    run.require_success()
    assert (run.entry, run.block("flaky").attempts) == ("blocks", 2)


def test_each_client_writes_to_the_private_s3(lake):
    session, _ = lake
    session.run("clients").require_success()
    rows = {sink.name: sink.rows for sink in session.stack.s3.inventory()}
    assert rows == {
        "bucket-of-arrow/days/": 6,
        "bucket-of-boto3/n/": 4,
        "bucket-of-mage/out/n.parquet": 3,
        "bucket-of-polars/n.parquet": 3,
        "bucket-of-seeds/zones.csv": 2,
        "bucket-of-urls/n.parquet": 3,
    }


def test_files_of_duckdb_are_found_and_the_paths_of_the_image_are_told(lake):
    session, notes = lake
    run = session.run("files")
    expect = Expect(duckdb=lambda: session.stack.service("duckdb"))
    expect.duckdb("taxi.duckdb", "trips").rows(3)
    # It goes on to a folder that the image has not, and that nobody makes in it.
    (problem,) = run.problems
    assert "/home/src/data/warehouse.duckdb" in problem.message
    (told,) = [note for note in notes if "/home/src is the image's own" in note]
    assert "stays in the container" in told
    with pytest.raises(InputError, match="in a container it is the image's"):
        run.file("/home/src/data/warehouse.duckdb")
