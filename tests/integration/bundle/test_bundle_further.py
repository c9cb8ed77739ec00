"""Services that a pipeline asks for besides are in its bundle too: MySQL, and DuckDB's files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bundle.opening import bring_back, opened
from harness.bundle.unpack import unpack
from harness.cli.main import run_command
from harness.running.session import Session

PROJECTS = Path(__file__).parents[2] / "projects"

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
    given = ["--project", str(PROJECTS / project), "--runner", "warm"]
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
