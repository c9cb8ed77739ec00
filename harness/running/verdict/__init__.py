"""The verdict: whether a run did what the pipeline's source says, and if not, why and where.

``mage run`` ends with status 0 in many ways in which nothing useful happened, so a success needs
proof: the status, the completed line, every block started and ended, every expected output there,
every ``@test`` really run, and no error in the services' own logs.
"""

from __future__ import annotations

from harness.running.verdict.judge import Evidence, judge

__all__ = ["Evidence", "judge"]
