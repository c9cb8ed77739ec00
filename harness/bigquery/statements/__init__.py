"""Statements on their way: queries, DML, scripts, views, and what they read."""
