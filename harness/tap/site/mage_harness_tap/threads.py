"""A thread of a block that fails prints a traceback, and the block goes on as if nothing were."""

import threading
from typing import Any

from mage_harness_tap import blocks, events, place


def watch() -> None:
    """Write an event when a thread ends by an exception, then do what is done otherwise."""
    hook = threading.excepthook

    def watched(arguments: Any) -> None:
        error = arguments.exc_value
        if error is not None and not isinstance(error, SystemExit):
            events.emit(
                "thread_failed",
                block=blocks.current(),
                line=place.of_error(error),
                error=type(error).__name__,
                message=place.words(error),
            )
        hook(arguments)

    threading.excepthook = watched
