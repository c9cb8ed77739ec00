"""Assertions on what pipelines wrote, over Arrow, whichever service holds it."""

from __future__ import annotations

from harness.expect.blocks import BlockTarget
from harness.expect.column import ColumnTarget
from harness.expect.entry import Expect
from harness.expect.target import Target

__all__ = ["BlockTarget", "ColumnTarget", "Expect", "Target"]
