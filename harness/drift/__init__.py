"""Asks live origins again, and says what has changed against the recordings."""
