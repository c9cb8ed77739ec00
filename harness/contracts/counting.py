"""Numbers as contracts give them: exactly so many, within limits, or a part of all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.contracts.model import Limits, Share
from harness.plain import counted

if TYPE_CHECKING:
    from harness.contracts.model import Count, Part


def holds(rule: Count | Part, found: int, *, of: int = 0) -> bool:
    """Whether a number is as a contract says.

    Args:
        rule: What the contract says.
        found: The number.
        of: All rows, for a part of them.
    """
    if isinstance(rule, Limits):
        return rule.low <= found <= rule.high
    if isinstance(rule, Share):
        return found <= rule.share * of
    return found == rule


def count_words(rule: Count | Part, noun: str) -> str:
    """What a contract says of a number, for a reader.

    Args:
        rule: What the contract says.
        noun: What is counted.
    """
    if isinstance(rule, Share):
        return f"at most {100 * rule.share:.4g} % of the {noun}s"
    if not isinstance(rule, Limits):
        return counted(rule, noun)
    if math.isinf(rule.high):
        return f"at least {counted(int(rule.low), noun)}"
    if not rule.low:
        return f"at most {counted(int(rule.high), noun)}"
    return f"{rule.low:,} to {rule.high:,} {noun}s"
