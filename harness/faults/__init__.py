"""Trouble that a test declares: services that refuse, cut, stall, and processes that are killed."""
