"""Figures by size, and what a run of the harness costs apart from what Mage costs in it."""

from __future__ import annotations

import re
import resource
import threading
import time
from collections import defaultdict
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psutil

from harness.running.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from harness.running.result import PipelineRun
    from harness.running.session import Session

SECONDS, MEGABYTES = "s", "MB"
OWN = "the harness's own share"
_EVERY = 0.05
_STATUS = Path("/proc/self/status")


class Series:
    """Values by name and size; each name has one unit, which its last word is."""

    def __init__(self) -> None:
        self.values: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add(self, size: int, found: Mapping[str, float]) -> None:
        """Add one value of each name."""
        for name, value in found.items():
            self.values[name][size].append(round(value, 5))

    def medians(self, name: str) -> dict[int, float]:
        """A name's medians by size, the sizes ascending."""
        return {size: median(values) for size, values in sorted(self.values[name].items())}

    def facts(self) -> dict[str, dict[int, list[float]]]:
        """All values, for JSON."""
        return {name: dict(sizes) for name, sizes in self.values.items()}


def named(name: str, unit: str) -> str:
    """The name of a series: what, and its unit."""
    return f"{name}, {unit}"


def unit_of(name: str) -> str:
    """The unit of a series."""
    return name.rpartition(", ")[2]


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def worked(function: Callable[[], object]) -> float:
    """Seconds of the processor that a call takes in this process."""
    began = time.process_time()
    function()
    return time.process_time() - began


def through_harness(
    session: Session, pipeline: str, *, how: str, own: str = ""
) -> tuple[PipelineRun, dict[str, float]]:
    """A run, and what of it is the harness's own.

    Args:
        session: Where.
        pipeline: The pipeline's uuid.
        how: What the whole is called.
        own: What the harness's own share is called; nothing is told of it if not given.

    Returns:
        The run, and seconds of wall and processor, and megabytes of this process at its peak.
    """
    session.reset()
    forget_peak()
    began, used = time.perf_counter(), time.process_time()
    run = session.run(pipeline, asked=Asked(inventory=True))
    used, wall = time.process_time() - used, time.perf_counter() - began
    run.require_success()
    found = {named(how, SECONDS): wall}
    if own:
        found |= {
            named(f"{own}, wall", SECONDS): wall - run.process.seconds,
            named(f"{own}, processor", SECONDS): used,
            named(f"{own}, peak memory", MEGABYTES): peak(),
        }
    return run, found


def forget_peak() -> None:
    """Begin this process's peak of memory anew, where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "utf-8")


def peak() -> float:
    """This process's peak of memory since then, in megabytes."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text("utf-8"))
        if found:
            return int(found[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


@contextmanager
def children_peak(found: dict[str, float], name: str, *, word: str) -> Iterator[None]:
    """Put the peak of the largest child whose command line has a word into ``found``."""
    done, me, most = threading.Event(), psutil.Process(), [0.0]

    def look() -> None:
        while not done.wait(_EVERY):
            for child in me.children(recursive=True):
                with suppress(psutil.Error):
                    if any(word in part for part in child.cmdline()):
                        most[0] = max(most[0], child.memory_info().rss / 1e6)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()
    found[named(name, MEGABYTES)] = most[0]
