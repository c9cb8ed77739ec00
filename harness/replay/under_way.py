"""Exchanges with origins that are under way: begun by a request, over when the answer is kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.replay.capture import Fields
    from harness.replay.whole import Keeper, Key


@dataclass(kw_only=True)
class Begun:
    """One exchange.

    Attributes:
        at: When the request came, in seconds since the epoch.
        method: The request's method.
        url: The absolute URL.
        asked: The request's headers as the client sent them, by name in lower case.
        file: Where the body is kept while it passes; None where it is held back.
        keeper: Who keeps it.
        status: The status that the origin gave.
        headers: The headers that the origin gave.
        whole: By what others who ask for parts of the same body know it; None for no part.
        overdue: Whether somebody waited for its end in vain.
    """

    at: float
    method: str
    url: str
    asked: Mapping[str, str]
    file: Path | None = None
    keeper: Keeper | None = None
    status: int = 0
    headers: Fields = ()
    whole: Key | None = None
    overdue: bool = False


class UnderWay:
    """The exchanges that are under way, each by the name of its flow.

    A client has the last byte of a streamed answer before the recorder hears of the answer's end:
    whoever reads what was kept waits here first.
    """

    def __init__(self) -> None:
        self._begun: dict[str, Begun] = {}
        self._waiting: set[asyncio.Event] = set()

    def begin(self, name: str, begun: Begun) -> None:
        """Take one in.

        Args:
            name: The name of its flow.
            begun: What is known of it.
        """
        self._begun[name] = begun

    def find(self, name: str) -> Begun | None:
        """The exchange of a flow; None where it is over, or never was one with an origin.

        Args:
            name: The name of the flow.
        """
        return self._begun.get(name)

    def end(self, name: str) -> Begun | None:
        """Take one out, and let those go on who wait for the last.

        Args:
            name: The name of its flow.

        Returns:
            The exchange, or None as ``find`` has it.
        """
        begun = self._begun.pop(name, None)
        if not self._begun:
            for waiting in self._waiting:
                waiting.set()
        return begun

    async def settled(self, seconds: float) -> tuple[Begun, ...]:
        """Wait until none is under way.

        Args:
            seconds: How long at the most.

        Returns:
            Those that still are, and that nobody has waited for in vain before.
        """
        over = asyncio.Event()
        self._waiting.add(over)
        try:
            if self._begun:
                await asyncio.wait_for(over.wait(), seconds)
        except TimeoutError:
            late = tuple(one for one in self._begun.values() if not one.overdue)
            for one in late:
                one.overdue = True
            return late
        finally:
            self._waiting.discard(over)
        return ()
