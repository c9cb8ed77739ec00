"""Why a column is not as expected, in words, told by the data itself.

An explanation is given only where it holds for every value, so that it is a finding and no guess.
"""

from __future__ import annotations

from harness.expect.explain.columns import explained_type
from harness.expect.explain.values import explained

__all__ = ["explained", "explained_type"]
