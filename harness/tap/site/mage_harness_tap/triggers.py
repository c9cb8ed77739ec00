"""Pipelines that a block triggers are run here and now, since there is no scheduler to do it."""

import asyncio
import functools
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, List, Mapping, Tuple

from mage_harness_tap import engine, events, variables
from mage_harness_tap.after_import import after_import

_ELSEWHERE = ("integration", "pyspark", "streaming")
_DEEPEST = 10
# Handles of other runs' outputs, which differ from run to run.
_MAGES_OWN = frozenset({"remote_blocks"})
_within: List[Tuple[str, str]] = []
"""The runs that were triggered and have not ended: pipeline and variables."""


def watch() -> None:
    """Watch what ``trigger_pipeline`` and blocks of global data products call."""
    after_import("mage_ai.orchestration.triggers.utils", _watch_creation)
    after_import("mage_ai.orchestration.triggers.global_data_product", _watch_product)


def _watch_creation(module: Any) -> None:
    create = module.create_and_start_pipeline_run

    @functools.wraps(create)
    def watched(pipeline: Any, schedule: Any, *args: Any, **kwargs: Any) -> Any:
        row = create(pipeline, schedule, *args, **kwargs)
        _in_thread(_execute, pipeline, row.id)
        row.refresh()
        return row

    module.create_and_start_pipeline_run = _refused(watched)


def _refused(create: Callable[..., Any]) -> Callable[..., Any]:
    """Say why a pipeline cannot be triggered, in place of waiting for a scheduler."""

    @functools.wraps(create)
    def checked(pipeline: Any, *args: Any, **kwargs: Any) -> Any:
        kind = str(getattr(pipeline.type, "value", pipeline.type))
        if kind in _ELSEWHERE:
            raise RuntimeError(
                "mage-harness: %s cannot be triggered here: it is a pipeline of type %s, which "
                "is not supported" % (pipeline.uuid, kind)
            )
        given = _variables(*args, **kwargs)
        chain = " > ".join([*(uuid for uuid, _ in _chain()), pipeline.uuid])
        if (pipeline.uuid, given) in _chain():
            raise RuntimeError(
                "mage-harness: %s triggers itself with the same variables, without an end: %s"
                % (pipeline.uuid, chain)
            )
        if events.depth() >= _DEEPEST:
            raise RuntimeError(
                "mage-harness: %s is triggered %d runs deep: pipelines that trigger each other "
                "without an end: %s" % (pipeline.uuid, _DEEPEST, chain)
            )
        _within.append((pipeline.uuid, given))
        try:
            return create(pipeline, *args, **kwargs)
        finally:
            _within.pop()

    return checked


def _chain() -> List[Tuple[str, str]]:
    """The pipelines that are within each other now, the first one first, with their variables."""
    return [(_pipeline_of(sys.argv), _text(variables.given())), *_within]


def _variables(_schedule: Any, payload: Any = None, *_args: Any, **_kwargs: Any) -> str:
    given = (payload or {}).get("variables") or {}
    return _text({name: value for name, value in given.items() if name not in _MAGES_OWN})


def _text(variables: Mapping[str, Any]) -> str:
    return json.dumps(variables, default=str, sort_keys=True)


def watch_without_engine() -> None:
    """Have ``trigger_pipeline`` say at once what it lacks."""
    after_import("mage_ai.orchestration.triggers.api", _refuse)
    after_import("mage_ai.orchestration.triggers.global_data_product", _refuse)


def _refuse(module: Any) -> None:
    def refused(*_args: Any, **_kwargs: Any) -> Any:
        raise RuntimeError(
            "mage-harness: a pipeline is triggered by Mage's orchestration engine, and this run "
            "goes by without it: run with --entry engine, or write under "
            '[tool.mage-harness.entry]: "%s" = "engine"' % _pipeline_of(sys.argv)
        )

    for name in ("trigger_pipeline", "trigger_and_check_status"):
        if hasattr(module, name):
            setattr(module, name, refused)


def _pipeline_of(arguments: List[str]) -> str:
    """The pipeline of a command line ``mage run <project> <pipeline>``."""
    return arguments[3] if len(arguments) > 3 else "..."  # noqa: PLR2004


def _in_thread(action: Callable[..., None], *args: Any) -> None:
    """Call something where no event loop runs: Mage starts one for each pipeline."""
    thread = threading.Thread(target=action, args=args, name="mage-harness-triggered")
    thread.start()
    thread.join()


def _execute(pipeline: Any, number: int) -> None:
    factory = engine.mage("data_preparation.executors.executor_factory").ExecutorFactory
    row = engine.mage("orchestration.db.models.schedules").PipelineRun.query.get(number)
    with events.within(number):
        engine.start(row)
        try:
            factory.get_pipeline_executor(
                pipeline, execution_partition=row.execution_partition
            ).execute(global_vars=row.get_variables(), pipeline_run_id=number, update_status=False)
        except (Exception, SystemExit) as error:
            # Its block was told of; the block that triggered it looks at the row.
            events.emit("run_error", number=number, error=type(error).__name__, message=str(error))
        finally:
            engine.tell(row)
            engine.mage("orchestration.db").db_connection.session.remove()


class _Apart:
    """The module ``asyncio`` for code that runs where an event loop does: Mage's queue has none."""

    gather = staticmethod(asyncio.gather)

    @staticmethod
    def run(coroutine: Any) -> Any:
        """Run a coroutine in a thread, and wait for it."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, coroutine).result()


def _watch_product(module: Any) -> None:
    """The product's pipeline has ended when the block begins to look for it."""
    module.sleep = lambda _seconds: None
    module.asyncio = _Apart
