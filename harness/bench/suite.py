"""Pipelines as a suite of tests: worlds that are reset, beside a new one for each test."""

from __future__ import annotations

import os
import queue
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from harness.bench.runs import plain
from harness.bench.samples import Comparison, rounds, stopwatch
from harness.plain import counted
from harness.running.asked import Asked
from harness.running.plan import plan
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.bench.samples import Task
    from harness.settings import Settings

_MOST_WORKERS = 4
RATIO_GOAL = 0.1
"""Of the time of a naive suite: a container for each service and test."""


def compare_suites(
    settings: Settings,
    pipelines: Sequence[str],
    *,
    count: int,
    progress: Callable[[str], None],
) -> list[Comparison]:
    """The suite by the harness, and the naive one: services made for each test, and cold runs.

    The harness's is measured with one worker, and with one for each core, as with pytest-xdist; the
    naive one makes its services side by side, and its tests one after the other.

    Args:
        settings: Those of the project; its provider is that of the naive suite's services, so
            that ``docker`` makes a container for each service and test.
        pipelines: By uuid: a test for each, which runs what the pipeline needs, too.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
    """
    tests = [plan(Session(settings).project, [uuid], settings.needs) for uuid in pipelines]
    ours = settings.model_copy(update={"provider": "embedded", "runner": "warm"})
    workers = min(len(tests), os.cpu_count() or 1, _MOST_WORKERS)
    with ExitStack() as opened:
        sessions = [opened.enter_context(Session(ours, progress=progress)) for _ in range(workers)]
        for session in sessions:
            # As in a session of pytest.
            session.expecting = True
        tasks = [
            _harness(sessions[:1], tests, name="one at a time"),
            _harness(sessions, tests, name="side by side"),
            _naive(settings, tests, progress),
        ]
        values = rounds(tasks, count=count, progress=progress, doing="suites")
    contained = settings.provider == "docker"
    services = "containers" if contained else "services"
    return [
        Comparison(
            name=f"a suite of {counted(len(tests), 'test')}, warm, {how}",
            against=f"new {services} for each test, cold runs",
            values=values[key],
            references=values["naive"],
            ratio_goal=goal if contained else None,
        )
        for key, how, goal in (
            ("one at a time", "one at a time", None),
            ("side by side", f"by {counted(workers, 'worker')}", RATIO_GOAL),
        )
    ]


def _harness(sessions: Sequence[Session], tests: Sequence[Sequence[str]], *, name: str) -> Task:
    """The tests, each in the next world that is free, as by pytest-xdist."""

    def work(session: Session, waiting: queue.SimpleQueue[Sequence[str]]) -> None:
        while True:
            try:
                test = waiting.get_nowait()
            except queue.Empty:
                return
            session.reset()
            for pipeline in test:
                session.run(pipeline, asked=Asked(inventory=True)).require_success()

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        waiting: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()
        with stopwatch(found, name), ThreadPoolExecutor(len(sessions)) as pool:
            for test in tests:
                waiting.put(test)
            for done in [pool.submit(work, session, waiting) for session in sessions]:
                done.result()
        return found

    return task


def _naive(
    settings: Settings, tests: Sequence[Sequence[str]], progress: Callable[[str], None]
) -> Task:
    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        with stopwatch(found, "naive"):
            for test in tests:
                with Session(settings, progress=progress) as session:
                    for pipeline in test:
                        plain(session, pipeline, reset=False)()
        return found

    return task
