"""A subcommand behind which another program's command line stands."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

COMMAND = "mage-harness command"
"""Where the context has that command line, a list of words."""


class Among(TyperCommand):
    """A subcommand that takes what stands behind ``--`` for a command line of its own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep that command line apart."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[COMMAND] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])
