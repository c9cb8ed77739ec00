"""Asks for recordings with requests, and says how long it took: through a proxy, or with VCR.py.

Run by ``benchmarks/replay.py``, with the interpreter of an environment that has VCR.py.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WARM = 20


def main() -> None:
    """Record, or ask and print the facts as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("small")
    parser.add_argument("large")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--cassette")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    found: dict[str, float] = {}
    began = time.perf_counter()
    with _cassette(options.cassette, record=options.record), requests.Session() as session:
        session.get(options.small).raise_for_status()
        found["start"] = time.perf_counter() - began
        if options.record:
            session.get(options.large).raise_for_status()
            return
        for _ in range(_WARM):
            _ask(session, options.small)
        times = sorted(_timed(lambda: _ask(session, options.small)) for _ in range(options.count))
        found["p50"] = times[len(times) // 2]
        found["p99"] = times[len(times) * 99 // 100]
        found["large"] = _timed(lambda: _ask(session, options.large))
    print(json.dumps(found))


@contextlib.contextmanager
def _cassette(path: str | None, *, record: bool) -> Iterator[Any]:
    if path is None:
        yield None
        return
    # There is no VCR.py where a proxy is asked.
    vcr = import_module("vcr")

    mode = vcr.mode.ALL if record else vcr.mode.NONE
    with vcr.VCR().use_cassette(path, record_mode=mode, allow_playback_repeats=True) as cassette:
        yield cassette


def _ask(session: requests.Session, url: str) -> None:
    answer = session.get(url)
    answer.raise_for_status()
    if not answer.content:
        raise ValueError(f"{url} has no content")


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
