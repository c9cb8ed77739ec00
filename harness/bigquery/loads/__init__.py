"""Loads: formats, files, external tables, dispositions, and how rows are written."""
