"""``up -- mage start``: a trigger of Mage's own pages runs a pipeline; Ctrl-C ends all."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import psycopg2
import pytest
import requests

from tests.integration.up.pages import PATIENCE, Pages, answers, free_port
from tests.integration.up.terminal import terminal
from tests.processes import end_soon

COMMAND = Path(sys.executable).parent / "mage-harness"
COPY = """from google.cloud import storage
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def copy(*args, **kwargs):
    with Postgres.with_config(ConfigFileLoader()) as postgres:
        zones = postgres.load('SELECT * FROM public.zones')
        postgres.export(zones, 'shop', 'orders', index=False, if_exists='replace')
    lake = storage.Client().create_bucket('lake')
    lake.blob('zones.csv').upload_from_string(zones.to_csv(index=False))
"""


def eventually(found):
    end = time.monotonic() + PATIENCE
    while not (value := found()):
        if time.monotonic() > end:
            pytest.fail("it never came")
        time.sleep(0.2)
    return value


@pytest.mark.slow
def test_a_trigger_of_the_pages_fills_the_services_and_ctrl_c_ends_all(place):
    (place / "shop/custom/copy.py").write_text(COPY, "utf-8")
    port = free_port()
    services = ["--service", "postgres", "--service", "gcs"]
    command = [COMMAND, "up", *services, "--", "mage", "start", "shop", "--port", str(port)]
    with terminal(command, place) as told:
        told.until("variables ")
        eventually(lambda: answers(port) or told.process.poll() is not None)
        pages = Pages(port, *told.word("to sign in"))
        trigger = pages.post(
            "pipelines/orders/pipeline_schedules",
            {"pipeline_schedule": {"name": "by hand", "schedule_type": "api", "status": "active"}},
        )["pipeline_schedule"]
        place_of_runs = f"pipeline_schedules/{trigger['id']}/pipeline_runs/{trigger['token']}"
        run = pages.post(place_of_runs, {"pipeline_run": {"variables": {}}})["pipeline_run"]

        def status():
            (one,) = pages.get("pipeline_runs?pipeline_uuid=orders")["pipeline_runs"]
            assert one["id"] == run["id"]
            return one["status"] if one["status"] in ("completed", "failed") else ""

        assert eventually(status) == "completed", told.said
        connection = psycopg2.connect(told.word("PostgreSQL")[-1])
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT borough FROM shop.orders ORDER BY id")
            assert cursor.fetchall() == [("Newark",), ("Queens",)]
        connection.close()
        storage = told.word("Cloud Storage")[0].partition("=")[2]
        stored = requests.get(
            f"{storage}/storage/v1/b/lake/o/zones.csv?alt=media", timeout=PATIENCE
        )
        assert stored.text.splitlines() == ["id,borough", "1,Newark", "2,Queens"]

        family = psutil.Process(told.process.pid).children(recursive=True)
        folder = Path(told.word("variables")[1]).parent
        assert folder.is_dir()
        assert told.ctrl_c() == 130
        assert "everything that it started has been ended" in told.said
    assert end_soon(one.pid for one in family)
    assert not folder.exists()
    assert not answers(port)


@pytest.mark.parametrize(
    ("name", "trap", "status"), [("mage", "''", 130), ("other", "'exit 7'", 7)]
)
def test_ctrl_c_ends_mage_that_is_deaf_and_is_another_commands_own(place, name, trap, status):
    program = place / name
    program.write_text(f"#!/bin/sh\ntrap {trap} INT\necho here $$\nwhile :; do sleep 1; done\n")
    program.chmod(0o700)
    # It is waited for no longer than it takes.
    code = """
import sys
from harness.cli import main
from harness.up import command
command._GRACE = 0.1
sys.argv = ["mage-harness", *sys.argv[1:]]
main()
"""
    command = [sys.executable, "-c", code, "up", "--service", "google", "--", f"./{name}"]
    with terminal(command, place) as told:
        told.until("here ")
        assert told.ctrl_c() == status
    assert end_soon([int(told.word("here")[0])])
