"""Partitions as facts: cuts, limits, pruning."""
