"""Waits of block code, and of Mage's sensors, made short on request."""

import functools
import os
import sys
import time
from typing import Any

NAPS_VARIABLE = "MAGE_HARNESS_NAPS"
_BLOCK_CODE = "<string>"
_SENSORS = os.path.join("mage_ai", "data_preparation", "models", "block", "__init__.py")


def watch(project: str) -> None:
    """Shorten ``time.sleep`` of the project's code, where it is asked for.

    Libraries wait for something, so they go on to wait as they do.

    Args:
        project: The project's folder.
    """
    longest = float(os.environ.get(NAPS_VARIABLE) or 0)
    if not longest:
        return
    sleep = time.sleep

    @functools.wraps(sleep)
    def napped(seconds: Any) -> None:
        file = sys._getframe(1).f_code.co_filename
        ours = file == _BLOCK_CODE or file.endswith(_SENSORS)
        ours = ours or (bool(project) and file.startswith(project + os.sep))
        sleep(min(seconds, longest) if ours else seconds)

    time.sleep = napped
