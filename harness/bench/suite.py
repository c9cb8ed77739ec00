"""Pipelines as a suite of tests: one world that is reset, beside a new one for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bench.runs import plain
from harness.bench.samples import Comparison, rounds, stopwatch
from harness.running.asked import Asked
from harness.running.plan import plan
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.bench.samples import Task
    from harness.settings import Settings

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

    Args:
        settings: Those of the project; its provider is that of the naive suite's services, so
            that ``docker`` makes a container for each service and test.
        pipelines: By uuid: a test for each, which runs what the pipeline needs, too.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
    """
    tests = [plan(Session(settings).project, [uuid], settings.needs) for uuid in pipelines]
    ours = settings.model_copy(update={"provider": "embedded", "runner": "warm"})
    with Session(ours, progress=progress) as session:
        # As in a session of pytest.
        session.expecting = True
        tasks = [_harness(session, tests), _naive(settings, tests, progress)]
        values = rounds(tasks, count=count, progress=progress, doing="suites")
    contained = settings.provider == "docker"
    services = "containers" if contained else "services"
    return [
        Comparison(
            name=f"a suite of {len(tests)} tests, warm",
            against=f"new {services} for each test, cold runs",
            values=values["harness"],
            references=values["naive"],
            ratio_goal=RATIO_GOAL if contained else None,
        )
    ]


def _harness(session: Session, tests: Sequence[Sequence[str]]) -> Task:
    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        with stopwatch(found, "harness"):
            for test in tests:
                session.reset()
                for pipeline in test:
                    session.run(pipeline, asked=Asked(inventory=True)).require_success()
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
