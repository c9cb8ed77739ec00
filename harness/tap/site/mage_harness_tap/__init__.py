"""The tap: events of an unmodified ``mage run``, as JSON lines in a file."""

import faulthandler
import os
import signal

from mage_harness_tap import (
    arcs,
    asked,
    bigquery_storage,
    blocks,
    clock,
    engine,
    events,
    google_keys,
    google_stores,
    guard,
    interrupt,
    mage_secrets,
    naps,
    postgres,
    postgres_lead,
    process,
    project_path,
    sqlalchemy_driver,
    storage,
    threads,
    triggers,
    variables,
    web_clients,
)
from mage_harness_tap.after_import import after_import


def install() -> None:
    """Arrange for Mage's modules to be watched as soon as they are imported."""
    events.open_at(os.environ["MAGE_HARNESS_EVENTS"])
    after_import("mage_ai.data_preparation.models.block", blocks.watch)
    after_import("mage_ai.data_preparation.variable_manager", clock.watch_variables)
    after_import("mage_ai.io.google_cloud_storage", storage.watch)
    after_import("mage_ai.cli.utils", variables.watch)
    after_import("psycopg2", postgres.watch)
    bigquery_storage.watch()
    web_clients.watch()
    if engine.watch():
        triggers.watch()
    else:
        triggers.watch_without_engine()
    google_keys.watch()
    postgres_lead.watch()
    sqlalchemy_driver.watch()
    mage_secrets.watch()
    naps.watch(os.environ.get("MAGE_HARNESS_PROJECT", ""))
    project_path.watch(os.environ.get("MAGE_HARNESS_PROJECT", ""))
    google_stores.watch()
    clock.watch_files()
    process.watch()
    if not asked.watch(os.environ.get("MAGE_HARNESS_ASKED", "")):
        # Of a subprocess the gate asks Mage's process, which knows the block.
        guard.watch(os.environ.get("MAGE_HARNESS_REACHABLE", ""))
    interrupt.watch(os.environ.get("MAGE_HARNESS_KILLED_AFTER", ""))
    threads.watch()
    _write_stacks_on_request()
    arcs.watch(os.environ.get("MAGE_HARNESS_ARCS", ""), os.environ.get("MAGE_HARNESS_CODE", ""))
    events.emit("process")


def _write_stacks_on_request() -> None:
    """Let the runner ask where each thread is, before it ends a run that takes too long."""
    path = os.environ.get("MAGE_HARNESS_STACKS")
    if path and hasattr(faulthandler, "register"):
        stacks = open(path, "a")  # noqa: SIM115 - kept open for the life of the process
        faulthandler.register(signal.SIGUSR1, file=stacks, all_threads=True)
