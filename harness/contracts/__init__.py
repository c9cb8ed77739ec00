"""Contracts: what a pipeline leaves behind, as a file that people review and runs are held to."""
