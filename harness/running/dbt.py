"""What dbt did in a run: each call of Mage's, and each model, test, seed and snapshot of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RUNS = frozenset({"build", "run", "seed", "snapshot", "test"})
"""Commands of dbt that change or check something."""
FAILED = frozenset({"error", "fail", "runtime error", "partial success"})
_HELD = frozenset({"model", "seed", "snapshot"})


@dataclass(frozen=True, kw_only=True)
class DbtNode:
    """A model, a test, a seed or a snapshot that dbt came to.

    Attributes:
        name: Its name.
        kind: dbt's word for what it is, such as ``model`` or ``test``.
        status: dbt's word for how it ended: ``success``, ``pass``, ``warn``, ``error``, ``fail``,
            ``skipped``, ...
        block: The uuid of the block that ran it.
        command: dbt's command, such as ``build``.
        relation: ``schema.table`` that it is, for what has one.
        rows: Rows that were written, as the database said it; None where it did not.
        failures: For a test, how many rows failed it.
        seconds: How long it took.
        message: What dbt said of it.
        file: Its file, relative to the Mage project.
    """

    name: str
    kind: str
    status: str
    block: str
    command: str
    relation: str = ""
    rows: int | None = None
    failures: int | None = None
    seconds: float = 0.0
    message: str = ""
    file: str = ""


def dbt_nodes(events: Iterable[Mapping[str, Any]]) -> tuple[DbtNode, ...]:
    """What dbt came to in a run, in its order.

    Args:
        events: The tap's events.
    """
    return tuple(
        node for event in events if event["event"] == "dbt" for node in nodes_of(event, RUNS)
    )


def nodes_of(event: Mapping[str, Any], commands: Iterable[str] = ()) -> Iterator[DbtNode]:
    """The nodes of one call.

    Args:
        event: The tap's event of it.
        commands: Those that are wanted; all if not given.
    """
    if commands and event["command"] not in commands:
        return
    for one in event["nodes"]:
        held = one["kind"] in _HELD
        yield DbtNode(
            name=one["name"],
            kind=one["kind"],
            status=one["status"],
            block=event["block"],
            command=event["command"],
            relation=one["relation"] if held else "",
            rows=one["rows"] if held else None,
            failures=one["failures"],
            seconds=one["seconds"],
            message=one["message"],
            file="/".join(part for part in (event["project"], one["file"]) if part),
        )


def dbt_notes(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What a reader may want to know of dbt's part in a run, beside its problems.

    Args:
        events: The tap's events.
    """
    events = list(events)
    nodes = dbt_nodes(events)
    warned = [f"{one.name} ({_found(one)})" for one in nodes if one.status == "warn"]
    if warned:
        yield f"dbt's tests that only warn: {', '.join(dict.fromkeys(warned))}"
    empty = [one.relation for one in nodes if one.rows == 0 and one.status == "success"]
    if empty:
        yield f"dbt wrote no rows to {', '.join(dict.fromkeys(empty))}"
    calls = [one for one in events if one["event"] == "dbt"]
    unmatched = [
        spec
        for one in calls
        if one["command"] in RUNS and one["nodes"]
        for spec in one.get("unmatched", ())
    ]
    if unmatched:
        yield f"nothing of the dbt project matches {', '.join(dict.fromkeys(unmatched))}"
    kept = [one["project"] for one in events if one["event"] == "dbt_packages_kept"]
    if kept:
        yield f"dbt's packages are those that lie in {', '.join(dict.fromkeys(kept))}"


def _found(node: DbtNode) -> str:
    return node.message.lower() if node.message else f"{node.failures or 0} rows"
