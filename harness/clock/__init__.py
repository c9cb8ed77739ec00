"""The time that a run has in place of the real one: one clock for all that takes part in it."""
