"""What a run is doing, while it does it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeVar

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from harness.plain import counted
from harness.report import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from rich.console import Console, RenderableType

_Number = TypeVar("_Number", int, float)
_FRAMES_A_SECOND = 8
# Lines of the screen that the frame leaves: its title, the counts and the cursor.
_MARGIN = 5


@dataclass(frozen=True, kw_only=True)
class _Block:
    uuid: str
    status: str = "not run"
    rows_in: int | None = None
    rows_out: int | None = None
    seconds: float | None = None
    began: float | None = None

    def with_part(self, part: _Block) -> _Block:
        """The block with one more of its children, or one of them that has begun."""
        return replace(
            part,
            status=self.status if self.status == "failed" else part.status,
            rows_in=_sum(self.rows_in, part.rows_in),
            rows_out=_sum(self.rows_out, part.rows_out),
            seconds=_sum(self.seconds, part.seconds),
        )


class RunProgress:
    """Progress of pipelines by block: a moving frame on a terminal, else a line for each event.

    Use it as a context manager. Names and messages may hold anything.

    Args:
        console: Where to show it.
        moving: Whether there may be a moving frame; several at a time would draw over each other.
    """

    def __init__(self, console: Console, *, moving: bool = True) -> None:
        self._console = console
        self._pipeline = ""
        self._began = 0.0
        self._blocks: dict[str, _Block] = {}
        self._spinner = Spinner("line" if words.ascii_only(console) else "dots", style="yellow")
        # FORCE_COLOR makes rich take a log for a terminal; a moving frame would fill it.
        moving = moving and console.is_interactive and console.file.isatty()
        self._live = (
            Live(
                console=console,
                get_renderable=self._frame,
                refresh_per_second=_FRAMES_A_SECOND,
                transient=True,
            )
            if moving
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def pipeline_started(self, uuid: str, blocks: Iterable[str]) -> None:
        """A pipeline begins.

        Args:
            uuid: The pipeline's uuid.
            blocks: The uuids of its blocks, in order.
        """
        self._blocks = {block: _Block(uuid=block) for block in blocks}
        self._began = time.monotonic()
        self._pipeline = uuid
        self._event(f"started, {counted(len(self._blocks), 'block')}")

    def block_started(self, uuid: str, *, part: str = "") -> None:
        """A block begins.

        Args:
            uuid: The block's uuid.
            part: What tells one of its children apart; empty for a block that has none.
        """
        self._show(_Block(uuid=uuid, status="running", began=time.monotonic()), part)
        self._event(f"{_named(uuid, part)} started")

    def block_ended(
        self,
        uuid: str,
        status: str,
        rows_in: int | None,
        rows_out: int | None,
        seconds: float | None,
        *,
        part: str = "",
    ) -> None:
        """A block has ended.

        Args:
            uuid: The block's uuid.
            status: ``completed`` or ``failed``.
            rows_in: Rows of its inputs, where they have any.
            rows_out: Rows of its outputs, where they have any.
            seconds: How long it took.
            part: What tells one of its children apart, whose rows these are; empty for a block
                that has none.
        """
        done = _Block(uuid=uuid, status=status, rows_in=rows_in, rows_out=rows_out, seconds=seconds)
        self._show(done, part)
        facts = [
            status,
            words.flow(rows_in, rows_out),
            "" if seconds is None else words.duration(seconds),
        ]
        self._event(f"{_named(uuid, part)} {', '.join(fact for fact in facts if fact)}")

    def _show(self, block: _Block, part: str) -> None:
        known = self._blocks.get(block.uuid)
        self._blocks[block.uuid] = known.with_part(block) if known and part else block

    def message(self, text: str) -> None:
        """Say something that is not an event of a pipeline, each of its lines on one."""
        for line in text.splitlines():
            self._print(words.text(self._console, line, style="dim"))

    def pipeline_ended(self, ok: bool, seconds: float) -> None:  # noqa: FBT001 - a verdict
        """The pipeline has ended.

        Args:
            ok: The verdict.
            seconds: How long it took.
        """
        verdict = "passed" if ok else "failed"
        line = words.text(
            self._console, f"{self._pipeline}: {verdict} in {words.duration(seconds)}"
        )
        if self._live is not None:
            sign = words.mark(self._console, "completed" if ok else "failed")
            line = Text(" ").join([sign, line])
        self._pipeline = ""
        if self._live is not None:
            # Else the line is printed with the frame as it was drawn last.
            self._live.refresh()
        self._print(line)

    def _event(self, what: str) -> None:
        if self._live is None:
            self._print(words.text(self._console, f"{self._pipeline}: {what}"))

    def _print(self, line: Text) -> None:
        # Lines are not broken: a log is searched by line, and a terminal wraps by itself.
        self._console.print(line, soft_wrap=self._live is None, highlight=False)

    def _frame(self) -> RenderableType:
        """The frame; it is drawn by Live's own thread."""
        now = time.monotonic()
        if not self._pipeline:
            return Text("")
        blocks = tuple(self._blocks.values())
        frame = Table.grid(padding=(0, 2))
        frame.add_column(width=1)
        frame.add_column(overflow="ellipsis", no_wrap=True)
        frame.add_column(overflow="ellipsis", no_wrap=True)
        frame.add_column(justify="right", no_wrap=True)
        title = words.text(self._console, self._pipeline, style="bold")
        frame.add_row(self._spinner, title, "", words.duration(now - self._began))
        ended, shown, waiting = _window(blocks, self._console.height - _MARGIN)
        if ended:
            frame.add_row("", f"{counted(ended, 'block')} before", "", "", style="dim")
        for block in shown:
            running = block.status == "running" and block.began is not None
            seconds = now - (block.began or now) if running else block.seconds
            frame.add_row(
                words.mark(self._console, block.status),
                words.text(self._console, block.uuid),
                words.flow(block.rows_in, block.rows_out),
                "" if seconds is None else words.duration(seconds),
                style="dim" if block.status == "not run" else "",
            )
        if waiting:
            frame.add_row("", f"{counted(waiting, 'block')} after", "", "", style="dim")
        return frame


def _named(uuid: str, part: str) -> str:
    return f"{uuid}, {part}," if part else uuid


def _sum(one: _Number | None, other: _Number | None) -> _Number | None:
    return other if one is None else one if other is None else one + other


def _window(blocks: Sequence[_Block], height: int) -> tuple[int, Sequence[_Block], int]:
    """The blocks that fit on the screen, around the first that has not ended."""
    height = max(height, 1)
    if len(blocks) <= height:
        return 0, blocks, 0
    busy = next(
        (at for at, block in enumerate(blocks) if block.status in {"running", "not run"}),
        len(blocks) - 1,
    )
    first = min(max(0, busy - 1), len(blocks) - height)
    return first, blocks[first : first + height], len(blocks) - first - height
