"""What happened in a run in order of time: its blocks, and what each service was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.page import limits
from harness.page.facts import Moment
from harness.plain import counted
from harness.services.heard import Heard, Recalling, ends_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from harness.page.clean import Cleaner
    from harness.running.block_run import BlockRun
    from harness.running.result import PipelineRun
    from harness.services.protocol import Service

# A service's log may count in whole milliseconds.
_BEFORE = 0.001


def heard_by(services: Iterable[Service], *, since: float, until: float) -> tuple[list[Heard], int]:
    """What services were asked in a span of time; of one that keeps no record, what went wrong.

    Args:
        services: The services.
        since: Seconds since the epoch.
        until: The same.

    Returns:
        It, and how many more there are.
    """
    found: list[Heard] = []
    more = 0
    for service in services:
        try:
            kept, left = _kept(service, since, until)
        except (HarnessError, OSError) as error:
            # The verdict is known already, and a record that is gone must not hide it.
            lost = f"what it was asked cannot be told: {error}"
            kept, left = [Heard(at=until, service=service.name, what=lost, failed=True)], 0
        found += kept
        more += left
    return found, more


def _kept(service: Service, since: float, until: float) -> tuple[Sequence[Heard], int]:
    heard = service.heard(since) if isinstance(service, Recalling) else _wrong(service, since)
    return ends_of((one for one in heard if one.at <= until), most=limits.HEARD)


def timeline(run: PipelineRun, heard: Sequence[Heard], *, clean: Cleaner) -> list[Moment]:
    """A run's moments in order.

    Args:
        run: The run.
        heard: What the services were asked.
        clean: Makes text fit.
    """
    began = run.process.began
    moments = [_asked(one, run.blocks, began, clean) for one in heard]
    moments += list(_of_blocks(run.process.events, began, clean))[: limits.EVENTS]
    return sorted(moments, key=lambda one: one.after)


def _wrong(service: Service, since: float) -> Iterator[Heard]:
    for one in service.incidents(since):
        yield Heard(
            at=one.at,
            service=one.service,
            what=one.detail,
            answer=f"{one.code}: {one.message}",
            failed=True,
        )


def _asked(one: Heard, blocks: Sequence[BlockRun], began: float, clean: Cleaner) -> Moment:
    during = [block.uuid for block in blocks if _ran(block, one.at)]
    return Moment(
        after=one.at - began,
        who=one.service,
        verb=clean.line(one.verb, most=limits.CELL),
        what=clean.line(one.what, most=limits.TEXT),
        answer=clean.line(one.answer, most=limits.TEXT),
        during=clean.line(", ".join(during), most=limits.CELL),
        failed=one.failed,
        service=True,
    )


def _ran(block: BlockRun, at: float) -> bool:
    if block.began is None or at < block.began - _BEFORE:
        return False
    return block.ended is None or at <= block.ended


def _of_blocks(
    events: Iterable[Mapping[str, Any]], began: float, clean: Cleaner
) -> Iterator[Moment]:
    for event in events:
        told = _told(event)
        if told is not None:
            what, failed = told
            yield Moment(
                after=max(event["at"] - began, 0.0),
                who=clean.line(event.get("block", ""), most=limits.CELL),
                what=clean.line(what, most=limits.TEXT),
                failed=failed,
            )


def _told(event: Mapping[str, Any]) -> tuple[str, bool] | None:
    """What an event says in words, and whether it is a failure; None for what is no news."""
    words = _WORDS.get(event["event"])
    what = words(event) if words is not None else ""
    return (what, event["event"] in _BAD or event.get("passed") is False) if what else None


def _begun(event: Mapping[str, Any]) -> str:
    child = event.get("child")
    return "begins" if child is None else f"begins with child {child}"


def _handed_on(event: Mapping[str, Any]) -> str:
    rows = [one["rows"] for one in event["outputs"] if one["rows"] is not None]
    return f"hands on {counted(sum(rows), 'row')}" if rows else ""


def _tested(event: Mapping[str, Any]) -> str:
    outcome = "passes" if event["passed"] else f"fails: {event['message']}"
    return f"@test {event['test']} {outcome}"


_WORDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "block_start": _begun,
    "block_output": _handed_on,
    "block_end": lambda _event: "ends",
    "block_error": lambda event: f"fails: {event['error']}: {event['message']}",
    "test": _tested,
}
_BAD = {"block_error"}
