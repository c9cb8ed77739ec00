"""The user's terminal, for a block that is debugged on it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def require_terminal(what: str) -> None:
    """Refuse what somebody has to answer, where nobody is.

    Args:
        what: The option that needs it, such as ``--pdb``.

    Raises:
        InputError: Standard input is no terminal.
    """
    if not sys.stdin.isatty():
        raise InputError(
            f"{what} needs a terminal",
            cause="standard input is none, and nobody could answer the debugger",
            remedy="leave it out here, or run the command on a terminal",
        )


@contextmanager
def terminal() -> Iterator[int]:
    """A descriptor of the terminal on standard input, to read from and to write to.

    Raises:
        InputError: There is none.
    """
    require_terminal("a debugger")
    # Its name: standard input itself may be open for reading only.
    descriptor = os.open(os.ttyname(sys.stdin.fileno()), os.O_RDWR | os.O_NOCTTY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
