"""The tap's events as progress: blocks, children of blocks, and pipelines that blocks trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.running.folding import blocks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.report.progress import RunProgress


class Following:
    """Shows each block when it starts and when it ends, with the rows known by then.

    Args:
        progress: Where.
    """

    def __init__(self, progress: RunProgress) -> None:
        self._progress = progress
        self._pipelines: dict[int, str] = {}
        self._attempts: dict[tuple[int | None, str], list[Mapping[str, Any]]] = {}

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take an event, soon after it happened."""
        run: int | None = event.get("run")
        if event["event"] == "run_start" and run is not None:
            self._pipelines[run] = event["pipeline"]
        uuid = event.get("block")
        if not uuid:
            return
        # Children of a block run one after the other, and so do attempts.
        if event["event"] == "block_start":
            self._attempts[run, uuid] = []
        seen = self._attempts.setdefault((run, uuid), [])
        seen.append(event)
        name = uuid if run is None else f"{self._pipelines.get(run, '?')} > {uuid}"
        child = seen[0].get("child")
        part = "" if child is None else f"child {child + 1}"
        if event["event"] == "block_start":
            self._progress.block_started(name, part=part)
        elif event["event"] in ("block_end", "block_error"):
            (done,) = blocks_of([uuid], seen)
            self._progress.block_ended(
                name, done.status, done.rows_in, done.rows_out, done.seconds, part=part
            )
