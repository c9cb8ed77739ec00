"""Proofs by running again: what a second run leaves, whole or after one that was cut short."""
