"""What the benchmarks' command lines have in common."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def parser_of(description: str, *, rounds: int) -> argparse.ArgumentParser:
    """A command line with ``--json`` and ``--rounds``.

    Args:
        description: What is measured.
        rounds: How many rounds count if nothing is said.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values as JSON")
    parser.add_argument(
        "--rounds",
        type=at_least_one,
        default=rounds,
        metavar="N",
        help=f"rounds to count (default: {rounds})",
    )
    return parser


def kept(options: argparse.Namespace, **facts: Any) -> None:
    """Write what was measured where ``--json`` says, if it does.

    Args:
        options: What the command line says.
        facts: What was measured.
    """
    if options.json:
        options.json.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")


def at_least_one(text: str) -> int:
    """A number of rounds.

    Raises:
        ArgumentTypeError: It is none.
    """
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one round is needed")
    return number
