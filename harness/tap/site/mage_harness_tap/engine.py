"""Mage's orchestration engine, on a database of this run's own: the run's rows, and what they say.

``mage run --pipeline-run-id N`` executes a pipeline run that is in the database already, as a
triggered one is. A scheduler puts it there, and there is none in a run: it is done here, as "Run
once" of Mage's pages does it.
"""

import contextlib
import datetime as dt
import functools
import importlib
import os
import shutil
import sys
from typing import Any, Callable, Dict, List

from mage_harness_tap import clock, events
from mage_harness_tap.after_import import after_import

_DATABASES = "MAGE_HARNESS_ENGINE"
_NAME = "mage-harness"
_FINISHED = ("completed", "condition_failed")


def watch() -> bool:
    """Have ``mage run`` of this process go by the engine, where the run is asked for so.

    Returns:
        Whether it is.
    """
    if not os.environ.get(_DATABASES):
        return False
    # The run's own database, whatever the project names.
    os.environ.pop("MAGE_DATABASE_CONNECTION_URL", None)
    after_import("mage_ai.cli.main", _watch_command)
    after_import("mage_ai.orchestration.db.models.schedules", _keep_zones)
    after_import("mage_ai.data_preparation.models.block.dynamic.child", _do_not_wait)
    return True


def _watch_command(module: Any) -> None:
    for command in module.app.registered_commands:
        if command.callback is module.run:
            command.callback = _by_engine(module.run)


def _by_engine(run: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(run)
    def watched(*args: Any, **options: Any) -> Any:
        project = os.path.abspath(options["project_path"])
        _open_database(project)
        row = _new_run(project, options["pipeline_uuid"])
        options["pipeline_run_id"] = row.id
        try:
            return run(*args, **options)
        finally:
            tell(row)

    return watched


def _open_database(project: str) -> None:
    """Put an empty database of Mage's where Mage looks for it, and open it."""
    settings = mage("settings.repo")
    settings.set_repo_path(project)
    folder = os.environ[_DATABASES]
    template = os.path.join(folder, "%s.db" % _version())
    database = os.path.join(settings.get_variables_dir(), "mage-ai.db")
    os.makedirs(os.path.dirname(database), exist_ok=True)
    made = os.path.exists(template)
    if made:
        shutil.copyfile(template, database)
    # Imported, it opens the file.
    mage("orchestration.db").db_connection.start_session()
    if not made:
        manager = mage("orchestration.db.database_manager").database_manager
        # Mage prints each of its hundred steps.
        with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):
            manager.run_migrations(log_level="ERROR")
        shutil.copyfile(database, template + ".new")
        os.replace(template + ".new", template)


def _version() -> str:
    return str(mage("server.constants").VERSION)


def _new_run(project: str, pipeline: str) -> Any:
    """The rows of a trigger that runs once, of its run and of the blocks of that."""
    kinds = mage("data_preparation.models.triggers")
    rows = mage("orchestration.db.models.schedules")
    # The metadata may name what is beside the project, and Mage adds this only later.
    sys.path.append(os.path.dirname(project))
    trigger = rows.PipelineSchedule.create(
        name=_NAME,
        pipeline_uuid=pipeline,
        repo_path=project,
        schedule_type=kinds.ScheduleType.TIME,
        schedule_interval=kinds.ScheduleInterval.ONCE,
    )
    row = rows.PipelineRun.create(
        pipeline_schedule_id=trigger.id,
        pipeline_uuid=pipeline,
        execution_date=clock.execution_date() or now(),
        variables={},
    )
    start(row)
    return row


def start(row: Any) -> None:
    """Mark a pipeline run as begun."""
    row.update(status=row.PipelineRunStatus.RUNNING, started_at=now())
    partition = row.execution_partition
    events.emit("run_start", pipeline=row.pipeline_uuid, number=row.id, partition=partition)


def _keep_zones(module: Any) -> None:
    """SQLite forgets the zone of a time, which PostgreSQL, as in production, does not."""
    look_up = module.PipelineRun.get_variables

    @functools.wraps(look_up)
    def watched(*args: Any, **kwargs: Any) -> Any:
        found = look_up(*args, **kwargs)
        date = found.get("execution_date")
        if isinstance(date, dt.datetime) and date.tzinfo is None:
            found["execution_date"] = date.replace(tzinfo=dt.timezone.utc)
        return found

    module.PipelineRun.get_variables = watched


def tell(row: Any) -> None:
    """Settle a pipeline run as the scheduler does, and tell the rows of its blocks."""
    row.refresh()
    blocks: List[Dict[str, Any]] = []
    for block in row.block_runs:
        block.refresh()
        hook = bool((block.metrics or {}).get("hook"))
        blocks.append({"block": block.block_uuid, "status": _word(block.status), "hook": hook})
    done = all(block["status"] in _FINISHED for block in blocks)
    status = row.PipelineRunStatus.COMPLETED if done else row.PipelineRunStatus.FAILED
    row.update(status=status, completed_at=now())
    events.emit(
        "run_end", pipeline=row.pipeline_uuid, number=row.id, status=_word(status), blocks=blocks
    )


def mage(name: str) -> Any:
    """One of Mage's modules, imported when it is wanted and not before.

    Args:
        name: Its name below ``mage_ai``.
    """
    return importlib.import_module("mage_ai." + name)


def now() -> dt.datetime:
    """The time, as Mage writes it into its rows."""
    return dt.datetime.now(tz=dt.timezone.utc)


def _word(status: Any) -> str:
    return str(getattr(status, "value", status))


class _NoTime:
    """The module ``time`` for code that sleeps until another process has written something."""

    @staticmethod
    def sleep(_seconds: float) -> None:
        """Nobody else writes: what is not there now never will be."""


def _do_not_wait(module: Any) -> None:
    """Where a dynamic block hands on nothing, Mage looks again for two minutes."""
    module.time = _NoTime
