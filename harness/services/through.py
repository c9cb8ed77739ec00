"""Addresses of services, with the ports of gates in the place of the services' own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.tap import STORAGE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

# What holds the port of a service, in variables, keys of io_config.yaml and placeholders.
_PORTS = {
    "postgres": ("POSTGRES_PORT", "PGPORT", "postgres_port"),
    "gcs": ("STORAGE_EMULATOR_HOST", "CLOUD_STORAGE_EMULATOR_ENDPOINT", "gcs_endpoint"),
    "bigquery": ("BIGQUERY_EMULATOR_HOST", STORAGE_VARIABLE, "bigquery_endpoint"),
    "s3": ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "s3_endpoint"),
}


def through(values: Mapping[str, str], gates: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """Values that lead to gates, where a service has one.

    Args:
        values: Variables, keys of io_config.yaml or placeholders.
        gates: For a service that has a gate, its port and the gate's.
    """
    found = dict(values)
    for service, (own, gate) in gates.items():
        for name in _PORTS[service]:
            if name in found:
                before, found_port, after = found[name].rpartition(str(own))
                found[name] = f"{before}{gate}{after}" if found_port else found[name]
    return found
