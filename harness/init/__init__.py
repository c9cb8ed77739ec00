"""A first set of tests for a project: what can be written, and questions about the rest."""
