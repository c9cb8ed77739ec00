"""What a provider costs: the start, the end, the reset of its services, and a run of a pipeline."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mage_runs import plain, through
from samples import facts, rounds, stopwatch
from stacks import BARE, NAMES, bare, new_process, write_something

from harness.running.session import Session
from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from samples import Task

    from harness.settings import Settings

PIPELINE = "api_to_postgres"
READY = "all services, nothing to ready"
COLD = "the same in a new Python process, with its imports"
WORLD = "network by itself"
YARDSTICK = f"yardstick: {BARE}"
STOP = "end of all of them"
RESET = "reset of all, content in three"
RUN = f"{PIPELINE} through `Session.run`"
PLAIN = f"{PIPELINE}, plain `mage run`"
ADDED = "the former : the latter"
OUTSIDE = "`Session.run` outside of Mage's process"
OWN = "processor time of the harness in `Session.run`"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing, measured with each provider in the same rounds.

    Attributes:
        name: What was measured.
        values: For each provider one a round; without those that have no such thing.
        unit: Of the values.
    """

    name: str
    values: Mapping[str, Sequence[float]] = field(default_factory=dict)
    unit: str = "s"

    def ratios(self, one: str, other: str) -> list[float]:
        """One provider's values as multiples of another's, of the same rounds."""
        if one not in self.values or other not in self.values:
            return []
        pairs = zip(self.values[one], self.values[other], strict=True)
        return [value / reference for value, reference in pairs]

    def facts(self) -> dict[str, Any]:
        """Medians and spreads, and all values, for JSON."""
        return {
            "name": self.name,
            "unit": self.unit,
            "values": {provider: facts(values) for provider, values in self.values.items()},
        }


def compare_providers(
    settings: Mapping[str, Settings], *, count: int, progress: Callable[[str], None]
) -> list[Row]:
    """Measure each provider in each round.

    Args:
        settings: Those of each provider.
        count: Rounds that are counted.
        progress: Told in a line what is being done.

    Returns:
        How busy the machine was is the first, and the start of all services the second.
    """
    tasks = [task for name, given in settings.items() for task in _of_services(name, given)]
    found = rounds(tasks, count=count, progress=progress, doing="services")
    with ExitStack() as closing:
        tasks = []
        for name, given in settings.items():
            session = closing.enter_context(Session(given, progress=progress))
            tasks += [_harness(session, name), _mage(session, name)]
        found |= rounds(tasks, count=count, progress=progress, doing=PIPELINE)
    for name in settings:
        pairs = zip(found[f"{name}: {RUN}"], found[f"{name}: {PLAIN}"], strict=True)
        found[f"{name}: {ADDED}"] = [value / reference for value, reference in pairs]
    return _rows(found, settings)


def _rows(found: Mapping[str, Sequence[float]], providers: Mapping[str, Settings]) -> list[Row]:
    names = [
        YARDSTICK,
        READY,
        COLD,
        WORLD,
        "mage",
        *NAMES,
        STOP,
        RESET,
        RUN,
        PLAIN,
        ADDED,
        OUTSIDE,
        OWN,
    ]
    return [
        Row(
            name=f"{name} by itself" if name in {"mage", *NAMES} else name,
            values={
                provider: found[key]
                for provider in providers
                if (key := f"{provider}: {name}") in found
            },
            unit="x" if name == ADDED else "s",
        )
        for name in names
        if any(f"{provider}: {name}" in found for provider in providers)
    ]


def _of_services(provider: str, settings: Settings) -> list[Task]:
    yardstick = bare(settings)
    alone = [*(["mage"] if provider == "docker" else []), *NAMES]
    return [
        _named(provider, lambda: {YARDSTICK: yardstick()[BARE]}),
        _named(provider, lambda: {COLD: new_process(provider)}),
        _named(provider, lambda: _whole(settings)),
        _named(provider, lambda: _each_alone(settings, alone)),
    ]


def _named(provider: str, task: Task) -> Task:
    return lambda: {f"{provider}: {name}": value for name, value in task().items()}


def _whole(settings: Settings) -> Mapping[str, float]:
    found: dict[str, float] = {}
    stack = Stack(settings)
    try:
        with stopwatch(found, READY):
            stack.start()
            stack.postgres.connect().close()
        write_something(stack)
        with stopwatch(found, RESET):
            stack.reset()
        with stopwatch(found, STOP):
            stack.stop()
    finally:
        stack.stop()
    return found


def _each_alone(settings: Settings, names: Sequence[str]) -> Mapping[str, float]:
    """One after the other, in a world that is there already: folder, guardian and network."""
    found: dict[str, float] = {}
    with Stack(settings) as stack:
        if settings.provider == "docker":
            with stopwatch(found, WORLD):
                _ = stack.reachable()
        for name in names:
            with stopwatch(found, name):
                stack.start([name])
                if name == "postgres":
                    stack.postgres.connect().close()
    return found


def _harness(session: Session, provider: str) -> Task:
    task = through(session, PIPELINE)

    def measured() -> Mapping[str, float]:
        before = time.process_time()
        values = task()
        own = time.process_time() - before
        return {RUN: values["harness"], OUTSIDE: values["harness"] - values["process"], OWN: own}

    return _named(provider, measured)


def _mage(session: Session, provider: str) -> Task:
    task = plain(session, PIPELINE)
    return _named(provider, lambda: {PLAIN: task()["plain"]})


def engine_facts() -> dict[str, str]:
    """Which engine runs the containers."""
    from harness.containers.engine import connect  # noqa: PLC0415

    with connect() as engine:
        return {"Docker": engine.version, "storage": str(engine.client.info()["Driver"])}
