"""``--keep``: after a failure the services stay as it left them, until somebody has looked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.up.world import ByHand

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.project.model import Project
    from harness.services.stack import Stack
    from harness.settings import Settings


def require_terminal() -> None:
    """Refuse to wait for somebody who is not there.

    Raises:
        InputError: There is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "--keep needs a terminal",
            cause="it waits after a failure until somebody has looked, and here is nobody",
            remedy="leave it out here, or reproduce the failure on a terminal",
        )


def stay(project: Project, *, stack: Stack, settings: Settings, say: Callable[[str], None]) -> None:
    """Say how the services are reached, and wait for Enter.

    Args:
        project: The project.
        stack: The services.
        settings: Which Mage, and with which variables.
        say: Shows a line.

    Raises:
        KeyboardInterrupt: It was Ctrl-C instead.
    """
    with ByHand(project=project, stack=stack, settings=settings, progress=say) as by_hand:
        variables = by_hand.opened()
        say("the services are as the failure left them (docs/up.md):")
        for line in by_hand.lines(variables):
            say(f"  {line}")
        say("Enter ends them, or empties them for the next test; Ctrl-C ends everything.")
        sys.stdin.readline()
