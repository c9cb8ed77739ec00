"""Addresses that lead to a service, and look at each request before it gets there."""
