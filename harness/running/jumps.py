"""Jumps of the clock of Mage's process: how they are written, and how a run is told them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from harness.clock.preload import OFFSET_VARIABLE
from harness.errors import InputError
from harness.tap import JUMPS_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from harness.running.runner import Runner

_WRITTEN = re.compile(r"([+-])([0-9]{1,9})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_FARTHEST = 3_650 * 86_400
_OFFSET, _UNCACHED = "FAKETIME", {"FAKETIME_NO_CACHE": "1"}


@dataclass(frozen=True, kw_only=True)
class Jump:
    """One jump.

    Attributes:
        what: How it was declared, such as ``+1h``.
        seconds: Seconds by which the clock is ahead afterwards of what it was.
        block: The block.
        event: The tap's event of that block.
        nth: At which of these events, counted from 1.
    """

    what: str
    seconds: int
    block: str
    event: str
    nth: int


def seconds_of(by: str) -> int:
    """The seconds of a jump.

    Args:
        by: Such as ``+1h``, ``-30m``, ``+2d`` or ``-5s``.

    Raises:
        InputError: It is no such jump, none at all, or one of more than ten years.
    """
    found = _WRITTEN.fullmatch(by)
    seconds = int(f"{found[1]}{found[2]}") * _UNITS[found[3]] if found else 0
    if not 0 < abs(seconds) <= _FARTHEST:
        raise InputError(
            f"a clock cannot jump by {by!r}",
            cause="a jump is a sign, a number and one of s, m, h and d, and at most ten years",
            remedy="write it as '+1h' or '-30m'",
        )
    return seconds


def told(
    env: Mapping[str, str], jumps: Sequence[Jump], *, runner: Runner, folder: Path
) -> dict[str, str]:
    """The variables of a run whose clock jumps; as they are where it does not.

    Args:
        env: All variables that it has otherwise, those of another time included.
        jumps: The jumps.
        runner: Where it runs.
        folder: A folder that it can read.

    Raises:
        EnvironmentNotAbleError: It cannot have another time here.
    """
    if not jumps:
        return dict(env)
    timed = env if OFFSET_VARIABLE in env else runner.timed(env, offset=0, folder=folder)
    listed = json.dumps([asdict(one) for one in jumps])
    return {**timed, **_UNCACHED, JUMPS_VARIABLE: listed}


def carried(env: Mapping[str, str], events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The variables of a run's next process, for whose machine the clock has jumped by now.

    Args:
        env: The variables that the run began with.
        events: The events of the processes before.
    """
    if JUMPS_VARIABLE not in env:
        return dict(env)
    left = json.loads(env[JUMPS_VARIABLE])
    offset = int(env[OFFSET_VARIABLE])
    for event in events:
        if event["event"] == "fault" and event["service"] == "clock":
            key = (event["what"], event["block"])
            came = next(one for one in left if (one["what"], one["block"]) == key)
            left.remove(came)
            offset += came["seconds"]
    return {
        **env,
        _OFFSET: f"{offset:+d}",
        OFFSET_VARIABLE: str(offset),
        JUMPS_VARIABLE: json.dumps(left),
    }
