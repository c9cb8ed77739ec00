"""Which blocks, lines and branches of a project's code really ran."""

from harness.coverage.arcs import lines_of

__all__ = ["lines_of"]
