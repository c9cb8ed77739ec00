"""A subcommand behind which another program's command line stands."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

COMMAND = "mage-harness command"
"""Where the context has that command line, a list of words."""
ARGUMENTS = "mage-harness arguments"
"""Where it has what stands before it, as it was given."""


class Among(TyperCommand):
    """A subcommand that takes what stands behind ``--`` for a command line of its own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep that command line apart."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[COMMAND] = args[at + 1 :]
        ctx.meta[ARGUMENTS] = args[:at]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The line of usage, with that command line as a part of its own."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND ...]"]
