"""Processes, ports, folders and space of this machine; it knows of no service."""
