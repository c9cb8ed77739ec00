"""What the benchmarks' command lines have in common."""

from __future__ import annotations

import argparse


def at_least_one(text: str) -> int:
    """A number of rounds.

    Raises:
        ArgumentTypeError: It is none.
    """
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one round is needed")
    return number
