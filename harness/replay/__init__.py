"""Recorded HTTP: cassettes, what matches a request, and the proxy that plays them."""
