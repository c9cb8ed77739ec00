"""A debugger on the user's terminal where a block fails: when it opens, and for what."""

import sys
import threading
from typing import Any, Dict, Iterator, List, Optional, Tuple

_wanted: List[bool] = []
_told: List[BaseException] = []
_given: Dict[str, Dict[str, Any]] = {}
_blocks: Dict[int, Any] = {}
"""The block that each thread has begun last, by the thread's ident."""


def watch(wanted: str) -> None:
    """Arrange for the debugger; ``breakpoint()`` in a block opens it too.

    Args:
        wanted: Nothing is arranged for an empty string.
    """
    if wanted:
        _wanted.append(True)
        sys.breakpointhook = _breakpoint


def given(block: Any, inputs: Tuple[Any, ...]) -> None:
    """Keep what the blocks above have handed to a block that begins.

    Args:
        block: The block.
        inputs: Its function's arguments.
    """
    if _wanted:
        _blocks[threading.get_ident()] = block
        names = [str(uuid) for uuid in getattr(block, "upstream_block_uuids", None) or ()]
        _given[block.uuid] = dict(zip(names, inputs))  # noqa: B905 - Python 3.8 has no strict


def failed(block: Any, error: BaseException) -> None:
    """Open the debugger where an exception came from, once for each exception.

    Args:
        block: The block that failed.
        error: The exception.
    """
    if _wanted and not any(_is_known(one) for one in _chain(error)):
        from mage_harness_tap import debugging  # noqa: PLC0415 - few runs have it

        _told.append(error)
        debugging.examine(block, error, upstream=_given.get(block.uuid, {}))


def _is_known(error: BaseException) -> bool:
    """Whether the user has looked at it, or made it by leaving a breakpoint for good."""
    return type(error).__name__ == "BdbQuit" or any(error is told for told in _told)


def _breakpoint(*_args: Any, **_kwargs: Any) -> None:
    from mage_harness_tap import debugging  # noqa: PLC0415 - likewise

    debugging.stop_at(sys._getframe(1), _blocks.get(threading.get_ident()))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, and those that it was raised from."""
    seen: List[BaseException] = []
    one: Optional[BaseException] = error
    while one is not None and not any(one is other for other in seen):
        seen.append(one)
        one = one.__cause__ or one.__context__
    return iter(seen)
