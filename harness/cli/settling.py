"""A contract that would change: shown first, written when somebody has agreed."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from harness.contracts.store import keep, shown
from harness.contracts.text import difference
from harness.report import words

if TYPE_CHECKING:
    from rich.console import Console

    from harness.contracts.holding import Proposal

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def settle(console: Console, proposal: Proposal, *, yes: bool) -> bool:
    """Show what would change, ask where somebody can be asked, and write.

    A contract that is not there yet is written without a question: nothing is lost by it.

    Args:
        console: Where to show it.
        proposal: The contract as a run would have it.
        yes: Whether to write without a question.

    Returns:
        Whether the contract now says what the run found.
    """
    if proposal.before == proposal.after:
        console.print(f"{shown(proposal.file)} says so already", markup=False, soft_wrap=True)
        return True
    show_difference(console, proposal)
    if not (yes or not proposal.before or _agreed(proposal)):
        remedy = "" if asks() else ": add --yes to write it without a question"
        console.print(f"not written: {shown(proposal.file)}{remedy}", markup=False, soft_wrap=True)
        return False
    keep(proposal.file, proposal.after)
    console.print(f"written: {shown(proposal.file)}", markup=False, soft_wrap=True)
    return True


def show_difference(console: Console, proposal: Proposal) -> None:
    """Show what would change, line by line.

    Args:
        console: Where to show it.
        proposal: The contract as a run would have it.
    """
    for line in difference(proposal.before, proposal.after, file=shown(proposal.file)):
        told = words.line(console, line, style=_STYLES.get(line[:1], ""))
        console.print(told, soft_wrap=True)


def asks() -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


def _agreed(proposal: Proposal) -> bool:
    return asks() and typer.confirm(f"Write {shown(proposal.file)}?")
