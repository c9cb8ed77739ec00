"""A table against another one, wherever each of them is: which columns and rows differ, and how."""

from __future__ import annotations

from harness.expect.compare.difference import Difference, difference
from harness.expect.compare.options import Options, Tolerances, options
from harness.expect.compare.side import Side, given, side_of
from harness.expect.compare.telling import told

__all__ = [
    "Difference",
    "Options",
    "Side",
    "Tolerances",
    "difference",
    "given",
    "options",
    "side_of",
    "told",
]
