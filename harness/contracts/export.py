"""Contracts in other tools' terms."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.contracts.export_bigquery import fields_of
from harness.contracts.export_dbt import sources_text
from harness.errors import InputError
from harness.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.contracts.model import Contract, Service


class Target(StrEnum):
    """What a contract can be exported to."""

    DBT = "dbt"
    BIGQUERY = "bigquery"


def exported(
    contracts: Sequence[Contract],
    *,
    to: Target,
    sink: str | None = None,
    service: Service | None = None,
) -> str:
    """The text of an export.

    Args:
        contracts: The contracts.
        to: Which form.
        sink: Of which sink, where only one can be told of.
        service: Of which service's sinks; of all, if not given.

    Raises:
        InputError: It is not clear which sink is meant, or a type has no counterpart.
    """
    if to is Target.DBT:
        return sources_text(contracts, service=service)
    rules = {
        one: rule
        for contract in contracts
        for one, rule in contract.sinks().items()
        if service in (None, one[0])
    }
    names = [name for _, name in rules]
    chosen = [one for one in rules if sink in (None, one[1])]
    if len(chosen) != 1:
        near = meant(sink or "", names)
        raise InputError(
            "a schema of BigQuery is of one table" if chosen else f"there is no sink {sink}",
            evidence=[f"{service}: {name}" for service, name in chosen or rules],
            remedy=f"did you mean --sink '{near}'?"
            if near and not chosen
            else "name one with --sink NAME, and its service with --service",
        )
    return json.dumps(fields_of(*chosen[0], rules[chosen[0]]), indent=2) + "\n"
