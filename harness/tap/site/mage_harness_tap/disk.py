"""Has the kernel refuse what a block writes beyond a size, by whatever library or program.

A disk that is really full would be the harness's too. The error is "File too large" then, where
that of a full disk is "No space left on device".
"""

import contextlib
import errno
import json
import os
import resource
from typing import Iterator, Optional

from mage_harness_tap import events

_WORDS = os.strerror(errno.EFBIG)


@contextlib.contextmanager
def limited(block: str) -> Iterator[None]:
    """Limit the files of this process, where the block is the one whose disk is to be full.

    Args:
        block: The block, about to begin.
    """
    told = json.loads(os.environ.get("MAGE_HARNESS_DISK") or "{}")
    if told.get("block") != block:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (told["size"], before[1]))
    try:
        yield
    except BaseException as error:
        _tell(block, error)
        raise
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _tell(block: str, error: Optional[BaseException]) -> None:
    """Say that the limit was met, if that is why the block failed, directly or not."""
    while error is not None:
        if getattr(error, "errno", None) == errno.EFBIG or _WORDS in str(error):
            events.emit("fault", service="disk", what="full", block=block, call=str(error))
            return
        error = error.__cause__ or error.__context__
