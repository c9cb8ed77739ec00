"""What was printed while a block ran, by how much had been printed at its events."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO

from harness.page import limits
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.page.clean import Cleaner
    from harness.running.result import ProcessResult

    Events = Sequence[Mapping[str, Any]]
    Span = tuple[int, int | None]


def block_log(
    process: ProcessResult, block: str, *, stream: int, clean: Cleaner, events: Events | None = None
) -> str:
    """What one stream has from a block's begin to the event after its last.

    What fails is told by Mage after the block has ended, so that belongs to it too.

    Args:
        process: The process, or that of several.
        block: The block's uuid.
        stream: 0 for the standard output, 1 for the standard error.
        clean: Makes text fit.
        events: The events that count; the process's if not given.
    """
    if process.steps:
        parts = [block_log(one, block, stream=stream, clean=clean) for one in process.steps]
        return "\n".join(filter(None, parts))
    spans = _spans(process.events if events is None else events, block, stream)
    file = process.stderr if stream else process.stdout
    return "\n".join(filter(None, (_read(file, span, clean) for span in spans)))


def whole_log(file: Path, *, clean: Cleaner) -> str:
    """The beginning and the end of all that was printed.

    Args:
        file: The file.
        clean: Makes text fit.
    """
    return _read(file, (0, None), clean)


def _spans(events: Events, block: str, stream: int) -> list[Span]:
    """From where to where the block printed; more than once where it was tried again."""
    told = [event for event in events if "printed" in event]
    found: list[Span] = []
    for event, after in pairwise([*told, None]):
        if event is None or event.get("block") != block:
            continue
        start = event["printed"][stream]
        end = None if after is None else after["printed"][stream]
        if found and found[-1][1] is not None and found[-1][1] >= start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _read(file: Path, span: Span, clean: Cleaner) -> str:
    """What stands there; of much, the beginning and the end."""
    try:
        with file.open("rb") as log:
            size = log.seek(0, 2)
            start, end = min(span[0], size), size if span[1] is None else min(span[1], size)
            if end - start <= limits.LOG_HEAD + limits.LOG_TAIL + 2 * limits.FURTHER:
                return _part(log, start, end, clean).strip("\n")
            head = _part(log, start, start + limits.LOG_HEAD + limits.FURTHER, clean)
            tail = _part(log, end - limits.LOG_TAIL - limits.FURTHER, end, clean)
    except OSError:
        return ""
    left = f"... of {counted(end - start, 'byte')} the middle is left out ..."
    parts = (head[: limits.LOG_HEAD], left, tail[-limits.LOG_TAIL :])
    return "\n".join(parts).strip("\n")


def _part(log: BinaryIO, start: int, end: int, clean: Cleaner) -> str:
    log.seek(start)
    return clean.text(log.read(end - start).decode("utf-8", "replace"))
