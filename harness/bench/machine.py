"""What a run of the benchmarks ran on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

import psutil


def describe(*, mage: str) -> dict[str, str | int | float]:
    """Facts of this machine, none of which says whose it is.

    Args:
        mage: The version of mage-ai.
    """
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        system = platform.platform(terse=True)
    return {
        "system": system,
        "processor": platform.machine(),
        "cores": os.cpu_count() or 0,
        "memory in GB": round(psutil.virtual_memory().total / 1e9),
        "load at the start": round(os.getloadavg()[0], 1),
        "Python": platform.python_version(),
        "mage-harness": version("mage-harness"),
        "mage-ai": mage,
    }
