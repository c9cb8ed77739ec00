"""Services that a pipeline asks for besides are in its bundle too: MySQL, and DuckDB's files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from harness.bundle.opening import bring_back, opened
from harness.bundle.unpack import unpack
from harness.cli.main import run_command
from harness.running.session import Session

PROJECTS = Path(__file__).parents[2] / "projects"

FAILS = {"of_mage"}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("project", "pipeline", "service", "rows"),
    [
        (
            "any_duckdb",
            "files",
            "duckdb",
            {"taxi.duckdb:main.trips": 3, "/home/src/data/warehouse.duckdb:main.totals": 1},
        ),
        ("any_mysql", "clients", "mysql", {"dwh.by_url": 3, "shop.by_connector_0": 3}),
    ],
)
def test_what_a_run_left_is_there_again(tmp_path, project, pipeline, service, rows):
    bundles = tmp_path / "bundles"
    source = shutil.copytree(PROJECTS / project, tmp_path / project)
    without_what_fails(source / "pipelines" / pipeline / "metadata.yaml")
    given = ["--project", str(source), "--runner", "warm"]
    run_command(["run", pipeline, *given, "--bundle", str(bundles), "--bundle-all"])
    (made,) = bundles.iterdir()
    unpacked = opened(tmp_path / "open", unpack(made, tmp_path / "open"), options={})

    with Session(unpacked.settings) as session:
        bring_back(session, unpacked, moment="after")
        found = session.stack.service(service)
        if service == "duckdb":
            shared = session.stack.folder / "places" / "src"
            found.look_at(session.project.path, [(str(shared), "/home/src")])
        held = {one.name: one.rows for one in found.inventory()}

    assert rows.items() <= held.items()


def without_what_fails(file: Path) -> None:
    """Leave out what reads a table that nobody has made: its failure ends the other blocks early."""
    found = YAML(typ="safe").load(file)
    gone = {
        one["uuid"] for one in found["blocks"] if {one["uuid"], *one["upstream_blocks"]} & FAILS
    }
    found["blocks"] = [one for one in found["blocks"] if one["uuid"] not in gone]
    with file.open("w") as stream:
        YAML(typ="safe").dump(found, stream)
