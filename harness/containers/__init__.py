"""Containers, networks and images of one session at a Docker engine; it knows of no service."""
