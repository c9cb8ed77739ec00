"""A contract brought up to date: what holds stays as it is written, what does not is redrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.contracts.draft import sink_of
from harness.contracts.facts import facts_of
from harness.contracts.reader import parse_document, plain
from harness.contracts.text import dumped, merged, require_readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.contracts.difference import Difference
    from harness.contracts.reader import Document
    from harness.expect.subject import Source

_TELLING = ("isin", "between", "lengths", "matches")


def updated(
    document: Document, differences: Iterable[Difference], sources: Mapping[str, Source]
) -> str:
    """The contract's text with each part that differs as it was found.

    Args:
        document: The contract.
        differences: What of it does not hold.
        sources: The services by name, as the run left them.
    """
    said = plain(document.tree, file=document.file)
    fresh: dict[tuple[str, str], dict[str, Any] | None] = {}
    for one in differences:
        sink = (one.service, one.sink)
        if sink not in fresh:
            fresh[sink] = _fresh(document, sources, *sink)
        _mend(said, one.way, fresh[sink])
    return rewritten(document, said)


def rewritten(document: Document, said: Mapping[str, Any]) -> str:
    """The text of a contract that says something else; comments stay.

    Args:
        document: The contract as it is.
        said: What it shall say.
    """
    # A tree of its own: the document's stays as it is.
    tree = parse_document(document.text, file=document.file).tree
    merged(tree, said)
    text = dumped(tree)
    require_readable(text, said, file=document.file)
    return text


def _fresh(
    document: Document, sources: Mapping[str, Source], service: str, name: str
) -> dict[str, Any] | None:
    facts = facts_of(sources, service, name)
    if facts is None:
        return None
    rule = document.contract.sinks().get((service, name))
    columns = (rule.columns if rule else None) or {}
    volatile = [name for name, column in columns.items() if column and column.volatile]
    return sink_of(facts, volatile=volatile)


def _mend(said: dict[str, Any], way: Sequence[str], sink: dict[str, Any] | None) -> None:
    """Put what is found in the place of what does not hold."""
    service, name, *inner = way
    sinks = said[service] = said.get(service) or {}
    if sink is None:
        sinks.pop(name, None)
        if not sinks:
            del said[service]
        return
    if not inner or not sinks.get(name):
        sinks[name] = sink
        return
    old = sinks[name]
    if len(inner) > 2 and inner[0] == "columns":  # noqa: PLR2004 - columns, name, rule
        _mend_values(old["columns"][inner[1]], inner[2], sink["columns"][inner[1]])
    elif len(inner) > 1 and inner[0] == "columns":
        _mend_column(old["columns"], inner[1], sink["columns"])
    elif inner == ["columns"]:
        wanted = [column for column in sink["columns"] if column in old["columns"]]
        old["columns"] = {column: old["columns"][column] for column in wanted}
    elif inner[0] in sink:
        # Partitions are told as a whole: one part of it rests on the other.
        old[inner[0]] = sink[inner[0]]
    else:
        old.pop(inner[0], None)


def _mend_column(old: dict[str, Any], name: str, fresh: dict[str, Any]) -> None:
    if name not in fresh:
        old.pop(name, None)
    elif name in old:
        old[name] = fresh[name]
    else:
        order = list(fresh)
        kept = old | {name: fresh[name]}
        old.clear()
        old.update(
            sorted(kept.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1)
        )


def _mend_values(old: dict[str, Any], rule: str, fresh: dict[str, Any]) -> None:
    """Tell a column's values anew; where another rule tells them now, by that one."""
    if rule in fresh:
        old[rule] = fresh[rule]
        return
    del old[rule]
    if rule in _TELLING:
        old.update({name: fresh[name] for name in _TELLING if name in fresh})
