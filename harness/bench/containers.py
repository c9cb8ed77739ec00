"""Embedded services beside containers, and a suite beside one with new containers for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bench.runs import named
from harness.bench.samples import Comparison, rounds
from harness.bench.stacks import AGAIN, ALL, NEW, RESET, RESET_GOAL, alone, new_process, whole
from harness.bench.suite import compare_suites

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.settings import Settings


def require_engine() -> None:
    """Make sure that there is a Docker engine.

    Raises:
        EnvironmentNotAbleError: None answers, or it cannot be used.
    """
    # Who measures no containers needs no client.
    from harness.containers.engine import connect  # noqa: PLC0415

    with connect():
        pass


def compare_containers(
    settings: Settings,
    pipelines: Sequence[str],
    *,
    count: int,
    progress: Callable[[str], None],
) -> list[Comparison]:
    """What the embedded services take, as a multiple of what containers do.

    Args:
        settings: Those of the project.
        pipelines: By uuid, for the suite.
        count: Rounds that are counted.
        progress: Told in a line what is being done.

    Raises:
        EnvironmentNotAbleError: No engine answers, or it lacks an image.
    """
    docker = settings.model_copy(update={"provider": "docker"})
    tasks = [
        named(one.provider, task)
        for one in (settings.model_copy(update={"provider": "embedded"}), docker)
        for task in (whole(one), lambda one=one: {NEW: new_process(one)}, alone(one, "postgres"))
    ]
    values = rounds(tasks, count=count, progress=progress, doing="containers")
    pairs = (
        (f"{ALL}, embedded, nothing to ready", ALL, "in containers", ALL, None),
        (f"{ALL}, embedded, in a new Python process", NEW, "in containers", NEW, None),
        ("a new test: reset of all five, embedded", "reset", "new containers", AGAIN, RESET_GOAL),
        ("a new test: PostgreSQL from its template", RESET, "a new container", "postgres", None),
    )
    return [
        *(
            Comparison(
                name=name,
                against=against,
                values=values[f"embedded {key}"],
                references=values[f"docker {other}"],
                goal=goal,
            )
            for name, key, against, other, goal in pairs
        ),
        *compare_suites(docker, pipelines, count=count, progress=progress),
    ]
