"""Where the subcommands write."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from rich.console import Console

from harness.cli import NO_READER


class Output(Console):
    """The console of all subcommands: plain of highlights, and honest when nobody reads it."""

    def __init__(self, *, soft_wrap: bool = False) -> None:
        super().__init__(highlight=False, soft_wrap=soft_wrap)

    def on_broken_pipe(self) -> NoReturn:
        """End as a program does that SIGPIPE ends: nothing is known to have failed."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(NO_READER)
