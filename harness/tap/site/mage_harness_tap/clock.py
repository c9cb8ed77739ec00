"""Another time than the real one: files have it too, and blocks are told it.

libfaketime gives it to every process. What is left is here: the times of files, which the kernel
keeps by its own clock, and ``execution_date``, which a headless run of Mage does not have.
"""

import datetime as dt
import functools
import os
import time
from bisect import bisect_right
from typing import Any, Callable, Dict, List, Optional

OFFSET = int(os.environ.get("MAGE_HARNESS_CLOCK") or 0)
"""Seconds that this process is ahead of the real time; a jump changes them."""
_jumped_at: List[float] = []
"""When it jumped, by the real time."""
_offsets = [OFFSET]
"""The seconds before the first jump, and those after each."""
_NS = 10**9
_SUPPORTED = ("supports_dir_fd", "supports_fd", "supports_follow_symlinks")


def jump(seconds: int) -> None:
    """Have this process, and the programs that it starts from now on, another time.

    Args:
        seconds: Seconds to add to its present time.
    """
    global OFFSET  # noqa: PLW0603 - one clock for the whole process
    _jumped_at.append(time.time() - OFFSET)
    OFFSET += seconds
    _offsets.append(OFFSET)
    os.environ["FAKETIME"] = "%+d" % OFFSET
    os.environ["MAGE_HARNESS_CLOCK"] = str(OFFSET)


def watch_files() -> None:
    """Show and set the times of files by this process's clock.

    Python's own look at what it has compiled is not by these functions, and stays as it is.
    """
    if not OFFSET and not os.environ.get("MAGE_HARNESS_JUMPS"):
        return
    for name in ("stat", "lstat", "fstat"):
        _replace(name, _Shown)
    _replace("utime", _Set)


def watch_variables(module: Any) -> None:
    """Watch ``mage_ai.data_preparation.variable_manager``: add what a trigger would tell."""
    look_up = module.get_global_variables
    told: Dict[str, Any] = {}

    @functools.wraps(look_up)
    def watched(*args: Any, **kwargs: Any) -> Any:
        # At the first call, which is before any block: those may change the environment.
        if not told:
            told.update(_told())
        # What the pipeline declares, and what the run is given, goes before.
        return {**told, **(look_up(*args, **kwargs) or {})}

    module.get_global_variables = watched


def _told() -> Dict[str, Any]:
    date = execution_date()
    if date is None:
        return {}
    return {"execution_date": date, "ds": date.strftime("%Y-%m-%d"), "hr": date.strftime("%H")}


def execution_date() -> Optional[dt.datetime]:
    """The moment that the run is told, with its zone; None where it is told none."""
    at = os.environ.get("MAGE_HARNESS_EXECUTION_DATE")
    return dt.datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%f%z") if at else None


class _Shown:
    """A function that tells of a file; an object, since old versions keep it in a class."""

    def __init__(self, look: Callable[..., os.stat_result]) -> None:
        self._look = look
        functools.update_wrapper(self, look)

    def __call__(self, *args: Any, **kwargs: Any) -> os.stat_result:
        told = self._look(*args, **kwargs)
        parts: Any = told.__reduce__()[1]
        numbers, more = list(parts[0]), dict(parts[1])
        for place, name in ((7, "st_atime"), (8, "st_mtime"), (9, "st_ctime")):
            # A file that is older than a jump keeps the time that it had.
            offset = _offsets[bisect_right(_jumped_at, more[name])]
            numbers[place] += offset
            more[name] += offset
            more[name + "_ns"] += offset * _NS
        return type(told)(numbers, more)


class _Set:
    """``os.utime``."""

    def __init__(self, put: Callable[..., None]) -> None:
        self._put = put
        functools.update_wrapper(self, put)

    def __call__(self, path: Any, times: Any = None, **kwargs: Any) -> None:
        if times is not None:
            times = tuple(one - _offset_of(one) for one in times)
        if kwargs.get("ns") is not None:
            kwargs["ns"] = tuple(one - _offset_of(one / _NS) * _NS for one in kwargs["ns"])
        self._put(path, times, **kwargs)


def _offset_of(shown: float) -> int:
    """The seconds by which this clock was ahead when it showed a time; the latest, if twice."""
    for number in range(len(_jumped_at), 0, -1):
        if shown - _offsets[number] >= _jumped_at[number - 1]:
            return _offsets[number]
    return _offsets[0]


def _replace(name: str, kind: Callable[[Any], Any]) -> None:
    function = getattr(os, name)
    other = kind(function)
    for known in _SUPPORTED:
        able = getattr(os, known)
        if function in able:
            able.add(other)
    setattr(os, name, other)
