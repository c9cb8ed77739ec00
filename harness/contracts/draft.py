"""From what a run left behind to what its contract says: plain mappings, ready to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from harness.contracts.keys import inferred
from harness.contracts.model import SERVICES, VERSION
from harness.contracts.values import written
from harness.contracts.volatile import Unsteady

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from harness.contracts.facts import ColumnFacts, SinkFacts

MOST_PARTITIONS = 40
"""So many partitions are told one by one; of more, how many, the first, the last and their rows."""
_LONG = 40
_STEADY = Unsteady()


def contract_of(
    pipeline: str,
    sinks: Iterable[SinkFacts],
    *,
    variables: Mapping[str, Any] | None = None,
    unsteady: Mapping[tuple[str, str], Unsteady] | None = None,
    exact: bool = True,
) -> dict[str, Any]:
    """The contract of a run.

    Args:
        pipeline: The pipeline's uuid.
        sinks: What the run wrote.
        variables: The runtime variables that it ran with, besides the defaults.
        unsteady: What of a sink differs from run to run, by service and name.
        exact: Whether each run writes these sinks and no others.
    """
    contract: dict[str, Any] = {"contract": VERSION, "pipeline": pipeline}
    if variables:
        contract["variables"] = dict(variables)
    if exact:
        contract["exact"] = True
    for service in SERVICES:
        of_service = sorted((one for one in sinks if one.service == service), key=_name)
        if of_service:
            contract[service] = {
                one.name: sink_of(one, unsteady=(unsteady or {}).get((service, one.name)))
                for one in of_service
            }
    return contract


def sink_of(
    facts: SinkFacts,
    *,
    unsteady: Unsteady | None = None,
    volatile: Collection[str] = (),
) -> dict[str, Any]:
    """What is said of a sink.

    Args:
        facts: What it holds.
        unsteady: What of it differs from run to run.
        volatile: Columns that are declared to.

    Raises:
        CheckFailedError: The content cannot be read.
    """
    unsteady = unsteady or _STEADY
    if not facts.is_table:
        return {}
    restless = unsteady.columns | set(volatile)
    sink: dict[str, Any] = {} if unsteady.rows else {"rows": facts.subject.rows}
    if not unsteady.kinds:
        sink["exact"] = True
    key = key_of(facts, without=restless | unsteady.kinds)
    if key:
        sink["key"] = key
    if facts.partitions and not unsteady.partitions:
        sink["partitions"] = partitions_of(facts.partitions)
    sink["columns"] = {
        name: column_of(facts, name, volatile=name in restless)
        for name in facts.columns
        if name not in unsteady.kinds
    }
    return sink


def key_of(facts: SinkFacts, *, without: Collection[str]) -> dict[str, Any]:
    """The key that the service knows, or else one that the rows happen to have."""
    if facts.declared_key:
        return {"columns": list(facts.declared_key)}
    found = inferred(facts, without=without)
    return {"columns": list(found), "inferred": True} if found else {}


def partitions_of(rows: Mapping[str, int]) -> dict[str, Any]:
    """What is said of partitions.

    Args:
        rows: The rows of each by id, in the order of the ids.
    """
    if len(rows) <= MOST_PARTITIONS:
        return {"ids": dict(rows)}
    ids = list(rows)
    return {
        "count": len(ids),
        "first": ids[0],
        "last": ids[-1],
        "rows": {"between": [min(rows.values()), max(rows.values())]},
    }


def column_of(facts: SinkFacts, name: str, *, volatile: bool) -> dict[str, Any]:
    """What is said of a column.

    Args:
        facts: What the sink holds.
        name: The column's name.
        volatile: Whether its values differ from run to run.

    Raises:
        CheckFailedError: The content cannot be read.
    """
    column = facts.columns[name]
    said: dict[str, Any] = {"type": column.type}
    if not column.nullable:
        said["required"] = True
    if volatile:
        return said | {"volatile": True}
    if facts.subject.rows:
        return said | _values(facts.column(name))
    return said


def _values(facts: ColumnFacts) -> dict[str, Any]:
    said: dict[str, Any] = {"nulls": facts.nulls}
    if facts.nan:
        said["nan"] = facts.nan
    distinct = facts.distinct
    if distinct is not None and _speaks(facts, distinct.to_pylist()):
        said["isin"] = [written(value) for value in distinct]
        return said
    if facts.extremes is not None:
        low, high = facts.extremes
        limits = [written(low), written(high, lower=False)]
        if None not in limits:
            said["between"] = limits
    elif facts.lengths is not None and facts.nulls < len(facts.values):
        found = pc.min_max(facts.lengths)
        said["lengths"] = {"between": [found["min"].as_py(), found["max"].as_py()]}
    return said


def _speaks(facts: ColumnFacts, distinct: list[Any]) -> bool:
    """Whether a list of values says more than their limits: it is short, and values come again."""
    if not distinct or any(isinstance(value, str) and len(value) > _LONG for value in distinct):
        return False
    if any(isinstance(value, bool) for value in distinct):
        return True
    return 2 * len(distinct) <= len(facts.values) - facts.nulls


def _name(facts: SinkFacts) -> str:
    return facts.name
