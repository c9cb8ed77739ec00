"""Programs that a block starts: addresses in what it gives them, and the files that they make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, rule, texts_of
from harness.inspect.values import Hole, Items, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_URL = re.compile(r"https?://[^\s'\"|;&<>]+")
_OUTPUT = re.compile(
    r"(?:^|\s)(?:-[oO]|--output|--output-document)[\s=]*(?!-|https?:)['\"]?([^\s'\"|;&<>]+)"
    r"|>\s*(?!&|/dev/)['\"]?([^\s'\"|;&<>]+)"
)
_FETCHES = re.compile(r"(?:^|[\s/;&|])(?:wget\s|curl\s(?:.*\s)?-\w*O)")
_HOLE = re.compile(r"\x00(\d+)\x00")


@rule(r"os\.(?:system|popen)|subprocess\.(?:run|call|check_call|check_output|Popen|getoutput)")
def _command(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    value = call.value(0, "args", "command", "cmd")
    commands = _joined(value) if isinstance(value, Items) else []
    if value is not None and not isinstance(value, Items):
        commands = list(texts_of(value))
    for command in commands:
        marked = "".join(
            part if isinstance(part, str) else f"\x00{number}\x00"
            for number, part in enumerate(command.parts)
        )
        urls = _URL.findall(marked)
        for url in urls:
            name = _unmarked(url, command)
            yield Sighting(kind="url", name=name, access="reads", client=found[0], service="http")
        for file in _made(marked, urls):
            name = _unmarked(file, command)
            yield Sighting(kind="path", name=name, access="writes", client=found[0], service="file")


COMMANDS = (_command,)


def _joined(words: Items) -> list[Text]:
    """The command that a list of words makes: of words that may be several, each alone too."""
    found = [list(texts_of(one)) for one in words.values]
    whole = [part for texts in found if texts for part in (*texts[0].parts, " ")]
    others = [text for texts in found for text in texts[1:]]
    return [Text(tuple(whole)), *others] if whole else []


def _made(marked: str, urls: list[str]) -> list[str]:
    """The files that a command makes, as far as its words say so."""
    named = [first or second for first, second in _OUTPUT.findall(marked)]
    if named or not _FETCHES.search(marked):
        return named
    ends = [url.partition("?")[0].rpartition("/")[2] for url in urls]
    return [one for one in ends if one]


def _unmarked(text: str, command: Text) -> Text:
    """A part of a command with its holes."""
    parts: list[str | Hole] = [
        command.parts[int(piece)] if number % 2 else piece
        for number, piece in enumerate(_HOLE.split(text))
        if piece
    ]
    return Text(tuple(parts))
