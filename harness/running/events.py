"""The tap's events: read while they are written, and folded into what each block did."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.running.result import COMPLETED, FAILED, RUNNING, BlockRun, TestRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path


_OF_ANY_PROCESS = frozenset(
    {"connection_failed", "connection_refused", "object_missing", "thread_failed", "unreadable"}
)


class EventTail:
    """Reads the lines that were added to a file of events since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> Iterator[Mapping[str, Any]]:
        """The events since the last call; a line that is not whole yet is left for the next.

        A line that cannot be read (the disk was full, or somebody else wrote to the file) is
        an event ``unreadable``.
        """
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield _event(line)


def of_run(events: Iterable[Mapping[str, Any]], process: int) -> Iterator[Mapping[str, Any]]:
    """The events of Mage's own process, and what its children did at the services.

    Args:
        events: The events of all processes that run with the tap.
        process: Mage's process.
    """
    for event in events:
        if event["pid"] == process or event["event"] in _OF_ANY_PROCESS:
            yield event


def blocks_of(uuids: Iterable[str], events: Iterable[Mapping[str, Any]]) -> tuple[BlockRun, ...]:
    """What each block did, by the events.

    Args:
        uuids: The pipeline's blocks, in order.
        events: The tap's events; those of blocks that are not named are left out.
    """
    runs = {uuid: BlockRun(uuid=uuid) for uuid in uuids}
    for event in events:
        change = _CHANGES.get(event["event"])
        uuid = event.get("block", "")
        if change is not None and uuid in runs:
            runs[uuid] = change(runs[uuid], event)
    return tuple(runs.values())


def _event(line: bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not {"event", "at", "pid"} <= event.keys():
        return {"event": "unreadable", "at": 0.0, "pid": 0}
    return event


def _started(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(run, status=RUNNING, began=event["at"])


def _input(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(
        run,
        rows_in=_sum(event["inputs"]),
        polls=run.polls + 1,
        inputs=tuple(value["kind"] for value in event["inputs"]),
        named=event["named"],
        unseen=tuple(event["unseen"]),
    )


def _returned(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(run, returned=event["kind"], line=event["line"])


def _output(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(run, rows_out=_sum(event["outputs"]))


def _ended(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(run, status=COMPLETED, seconds=event["seconds"], ended=event["at"])


def _failed(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(
        run,
        status=FAILED,
        seconds=event["seconds"],
        ended=event["at"],
        error=f"{event['error']}: {event['message']}" if event["message"] else event["error"],
        error_line=event["line"],
    )


def _tested(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    test = TestRun(
        name=event["test"], passed=event["passed"], line=event["line"], message=event["message"]
    )
    status = run.status if event["passed"] else FAILED
    return replace(run, tests=(*run.tests, test), status=status)


_CHANGES: dict[str, Callable[[BlockRun, Mapping[str, Any]], BlockRun]] = {
    "block_start": _started,
    "block_input": _input,
    "block_returned": _returned,
    "block_output": _output,
    "block_end": _ended,
    "block_error": _failed,
    "test": _tested,
}


def _sum(values: Iterable[Mapping[str, Any]]) -> int | None:
    rows = [value["rows"] for value in values if value["rows"] is not None]
    return sum(rows) if rows else None
