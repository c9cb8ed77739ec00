"""What each block did, from the tap's events: its attempts and its children folded into one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.running.block_run import COMPLETED, FAILED, RUNNING, BlockRun, Failure, TestRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


def of_triggered(
    events: Iterable[Mapping[str, Any]], number: int | None = None
) -> tuple[Mapping[str, Any], ...]:
    """The events of one pipeline run among those of a process.

    Args:
        events: The tap's events.
        number: The run that a block triggered; None for the one that was asked for.
    """
    return tuple(event for event in events if event.get("run") == number)


def blocks_of(uuids: Iterable[str], events: Iterable[Mapping[str, Any]]) -> tuple[BlockRun, ...]:
    """What each block did, by the events.

    Args:
        uuids: The pipeline's blocks, in order.
        events: The tap's events; those of blocks that are not named are left out.
    """
    runs: dict[str, dict[int | None, BlockRun]] = {uuid: {} for uuid in uuids}
    children: dict[str, int | None] = {}
    for event in events:
        change = _CHANGES.get(event["event"])
        uuid = event.get("block", "")
        if change is None or uuid not in runs:
            continue
        if event["event"] == "block_start":
            children[uuid] = event.get("child")
        child = children.get(uuid)
        runs[uuid][child] = change(runs[uuid].get(child, BlockRun(uuid=uuid)), event)
    return tuple(_together(uuid, tuple(each.values())) for uuid, each in runs.items())


def _together(uuid: str, runs: Sequence[BlockRun]) -> BlockRun:
    """One block, from the runs of its children."""
    if len(runs) < 2:  # noqa: PLR2004 - two are several
        return runs[0] if runs else BlockRun(uuid=uuid)
    worst = min(runs, key=lambda run: _WORST.index(run.status))
    ended = [run.ended for run in runs if run.ended is not None]
    return replace(
        worst,
        children=len(runs),
        rows_in=_sum(run.rows_in for run in runs),
        rows_out=_sum(run.rows_out for run in runs),
        seconds=sum(run.seconds or 0.0 for run in runs),
        began=min(run.began for run in runs if run.began is not None),
        ended=max(ended) if len(ended) == len(runs) else None,
        tests=tuple(test for run in runs for test in run.tests),
        failures=tuple(failure for run in runs for failure in run.failures),
        returned=next((run.returned for run in runs if run.returned in _BAD), worst.returned),
        unseen=tuple(sorted({name for run in runs for name in run.unseen})),
    )


_WORST = (FAILED, RUNNING, COMPLETED)
_BAD = ("generator", "none")


def _started(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    """A first attempt, or another one after a failure: what the failed one left is forgotten."""
    children = 0 if event.get("child") is None else 1
    fresh = BlockRun(uuid=run.uuid, status=RUNNING, began=event["at"], children=children)
    if run.began is None:
        return fresh
    failed = next((test for test in run.tests if not test.passed), None)
    error = run.error or (f"@test {failed.name} failed: {failed.message}" if failed else "")
    failure = Failure(began=run.began, ended=event["at"], error=error)
    return replace(fresh, failures=(*run.failures, failure))


def _input(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(
        run,
        rows_in=_rows(event["inputs"]),
        given=_each(event["inputs"]),
        polls=run.polls + 1,
        inputs=tuple(value["kind"] for value in event["inputs"]),
        named=event["named"],
        unseen=tuple(event["unseen"]),
    )


def _returned(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(run, returned=event["kind"], line=event["line"])


def _output(run: BlockRun, event: Mapping[str, Any]) -> BlockRun:
    return replace(run, rows_out=_rows(event["outputs"]), left=_each(event["outputs"]))


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


def _each(values: Iterable[Mapping[str, Any]]) -> tuple[int | None, ...]:
    return tuple(value["rows"] for value in values)


def _rows(values: Iterable[Mapping[str, Any]]) -> int | None:
    return _sum(value["rows"] for value in values)


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
