"""Programs that a block starts: the addresses in what it gives them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, rule, texts_of
from harness.inspect.values import Hole, Items, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_URL = re.compile(r"https?://[^\s'\"|;&<>]+")


@rule(r"os\.(?:system|popen)|subprocess\.(?:run|call|check_call|check_output|Popen|getoutput)")
def _command(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    value = call.value(0, "args", "command", "cmd")
    values = value.values if isinstance(value, Items) else [] if value is None else [value]
    for one in values:
        for text in texts_of(one):
            for url in _urls(text):
                yield Sighting(
                    kind="url", name=url, access="reads", client=found[0], service="http"
                )


COMMANDS = (_command,)


def _urls(command: Text) -> Iterator[Text]:
    """The addresses in a command; holes are carried over."""
    marked = "".join(
        part if isinstance(part, str) else f"\x00{number}\x00"
        for number, part in enumerate(command.parts)
    )
    for found in _URL.findall(marked):
        pieces = re.split(r"\x00(\d+)\x00", found)
        parts: list[str | Hole] = [
            command.parts[int(piece)] if number % 2 else piece
            for number, piece in enumerate(pieces)
            if piece
        ]
        yield Text(tuple(parts))
