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
    dbt_lead,
    dbt_runs,
    debugger,
    engine,
    events,
    google_keys,
    google_stores,
    guard,
    interrupt,
    io_config_lead,
    jumps,
    mage_secrets,
    mysql_lead,
    naps,
    own_pages,
    postgres,
    postgres_lead,
    process,
    programs,
    project_path,
    s3_lead,
    schemas,
    sqlalchemy_driver,
    status,
    storage,
    templates,
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
    _lead_clients()
    if engine.watch():
        triggers.watch()
    else:
        triggers.watch_without_engine()
    dbt_runs.watch()
    templates.watch()
    status.watch()
    naps.watch(os.environ.get("MAGE_HARNESS_PROJECT", ""))
    clock.watch_files()
    jumps.watch()
    process.watch()
    programs.watch(os.environ.get("MAGE_HARNESS_PROJECT", ""))
    interrupt.watch(
        os.environ.get("MAGE_HARNESS_KILLED_AFTER", ""),
        os.environ.get("MAGE_HARNESS_KILLED_AT", ""),
    )
    threads.watch()
    debugger.watch(os.environ.get("MAGE_HARNESS_DEBUG", ""))
    arcs.watch(os.environ.get("MAGE_HARNESS_ARCS", ""), os.environ.get("MAGE_HARNESS_CODE", ""))


def settle() -> None:
    """Do what is of this very process, and not of one that it is forked of when all is watched."""
    if not asked.watch(os.environ.get("MAGE_HARNESS_ASKED", "")):
        # Of a subprocess the gate asks Mage's process, which knows the block.
        guard.watch(os.environ.get("MAGE_HARNESS_REACHABLE", ""))
    process.settle()
    _write_stacks_on_request()


def begin() -> None:
    """Tell that the process begins with what it was started for."""
    events.emit("process")


def lead() -> None:
    """Lead what is run by hand, such as Mage's own pages, to the private services; tell nothing."""
    _lead_clients()
    io_config_lead.watch()
    own_pages.watch()
    guard.watch(os.environ.get("MAGE_HARNESS_REACHABLE", ""))


def _lead_clients() -> None:
    bigquery_storage.watch()
    web_clients.watch()
    google_keys.watch()
    postgres_lead.watch()
    sqlalchemy_driver.watch()
    s3_lead.watch()
    mysql_lead.watch()
    dbt_lead.watch()
    mage_secrets.watch()
    schemas.watch()
    google_stores.watch()
    project_path.watch(os.environ.get("MAGE_HARNESS_PROJECT", ""))


def _write_stacks_on_request() -> None:
    """Let the runner ask where each thread is, before it ends a run that takes too long."""
    path = os.environ.get("MAGE_HARNESS_STACKS")
    if path and hasattr(faulthandler, "register"):
        stacks = open(path, "a")  # noqa: SIM115 - kept open for the life of the process
        faulthandler.register(signal.SIGUSR1, file=stacks, all_threads=True)
