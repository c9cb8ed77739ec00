"""What calls of well-known libraries say of the world outside: one family of libraries a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.clients.aws import AWS
from harness.inspect.clients.commands import COMMANDS
from harness.inspect.clients.databases import DATABASES
from harness.inspect.clients.environment import ENVIRONMENT
from harness.inspect.clients.files import FILES
from harness.inspect.clients.google import GOOGLE
from harness.inspect.clients.mage import MAGE
from harness.inspect.clients.others import OTHERS
from harness.inspect.clients.web import WEB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.clients.call import Call, Sighting

_RULES = (*MAGE, *WEB, *GOOGLE, *AWS, *DATABASES, *FILES, *ENVIRONMENT, *COMMANDS, *OTHERS)


def sightings(call: Call) -> Iterator[Sighting]:
    """What a call reads, writes or opens; the first rule that fits tells it.

    Args:
        call: The call.
    """
    for rule in _RULES:
        found = rule.pattern.fullmatch(call.path)
        if found:
            yield from rule.look(call, found)
            return
