"""Says where in a block's code a thread is, when the gate of the run's network asks.

A library that opens connections in C is seen by the gate only, which holds it up meanwhile.
"""

import _thread
import json
import os
import sys
import threading
from typing import Any, Dict, Optional, Tuple

from mage_harness_tap import blocks, place

_LARGEST = 256


def watch(text: str) -> bool:
    """Answer for the life of the process, where it is the one that is asked.

    Args:
        text: The number of Mage's process and its descriptor, with a colon between; empty where
            nobody asks.

    Returns:
        Whether this process is part of such a run, and not Mage's own.
    """
    process, colon, descriptor = text.partition(":")
    if not colon:
        return False
    if process != str(os.getpid()):
        return True
    os.set_inheritable(int(descriptor), False)
    # It is no thread of the pipeline's, and `threading` need not know of it.
    _thread.start_new_thread(_answer, (int(descriptor),))
    return False


def _answer(descriptor: int) -> None:
    while True:
        try:
            asked = os.read(descriptor, _LARGEST).split()
            if not asked:
                return
            block, line = _where(int(asked[1]))
            answer = {"asked": int(asked[0]), "block": block, "line": line}
            os.write(descriptor, json.dumps(answer).encode())
        except OSError:
            return


def _where(native: int) -> Tuple[str, Optional[int]]:
    """Block and line of a thread; of the one that runs a block, for a thread that knows neither."""
    frames = sys._current_frames()
    threads: Dict[int, Any] = dict(threading._active)  # type: ignore[attr-defined]
    found = [ident for ident, one in threads.items() if one.native_id == native]
    own = place.of_frame(frames.get(found[0])) if found else None
    running = blocks.running()
    if found and found[0] in running:
        return running[found[0]], own
    if len(running) != 1:
        return "", None
    ((ident, uuid),) = running.items()
    return uuid, own if own is not None else place.of_frame(frames.get(ident))
