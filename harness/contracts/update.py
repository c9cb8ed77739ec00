"""A contract brought up to date: what holds stays as it is written, what does not is redrawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.contracts.cells import broken_rules
from harness.contracts.draft import sink_of
from harness.contracts.facts import facts_of
from harness.contracts.reader import parse_document, plain
from harness.contracts.text import dumped, merged, require_readable
from harness.errors import CheckFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.contracts.difference import Difference
    from harness.contracts.facts import SinkFacts
    from harness.contracts.model import SinkRule
    from harness.contracts.reader import Document
    from harness.expect.subject import Source

_TELLING = ("isin", "between", "lengths", "matches")


@dataclass(frozen=True, kw_only=True)
class Update:
    """A contract brought up to date.

    Attributes:
        text: Its text.
        complete: Whether it holds now: what is said of a sink whose content cannot be read, or is
            no table any more, stays as it is.
    """

    text: str
    complete: bool


def updated(
    document: Document, differences: Iterable[Difference], sources: Mapping[str, Source]
) -> Update:
    """The contract with each part that differs as it was found.

    Args:
        document: The contract.
        differences: What of it does not hold.
        sources: The services by name, as the run left them.
    """
    said = plain(document.tree, file=document.file)
    found: dict[tuple[str, str], _Found] = {}
    for one in differences:
        sink = (one.service, one.sink)
        if sink not in found:
            found[sink] = _found(document, sources, *sink)
        if not found[sink].unreadable:
            _mend(said, one, found[sink])
    return Update(
        text=rewritten(document, said),
        complete=not any(one.unreadable for one in found.values()),
    )


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


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A sink as the run left it.

    Attributes:
        facts: What it holds; None where it is not there.
        said: What a contract drawn up now would say of it.
        rule: What the contract says of it.
        unreadable: Whether there is something of which nothing can be said.
    """

    facts: SinkFacts | None = None
    said: dict[str, Any] = field(default_factory=dict)
    rule: SinkRule | None = None
    unreadable: bool = False


def _found(document: Document, sources: Mapping[str, Source], service: str, name: str) -> _Found:
    facts = facts_of(sources, service, name)
    rule = document.contract.sinks().get((service, name))
    if facts is None:
        return _Found(rule=rule)
    if rule is not None and not facts.is_table:
        return _Found(unreadable=True)
    columns = (rule.columns if rule else None) or {}
    volatile = [name for name, column in columns.items() if column and column.volatile]
    try:
        return _Found(facts=facts, said=sink_of(facts, volatile=volatile), rule=rule)
    except CheckFailedError:
        return _Found(unreadable=True)


def _mend(said: dict[str, Any], difference: Difference, found: _Found) -> None:
    """Put what is found in the place of what does not hold."""
    service, name, *inner = difference.way
    sinks = said[service] = said.get(service) or {}
    if found.facts is None:
        sinks.pop(name, None)
        if not sinks:
            del said[service]
        return
    sink = found.said
    if not inner or not sinks.get(name):
        sinks[name] = sink
        return
    old = sinks[name]
    if difference.rule == "type":
        _mend_type(old["columns"][inner[1]], inner[1], found)
    elif len(inner) > 2 and inner[0] == "columns":  # noqa: PLR2004 - columns, name, rule
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


def _mend_type(old: dict[str, Any], name: str, found: _Found) -> None:
    """Tell a column's type anew, and of its rules those that its values do not hold now."""
    fresh = found.said["columns"][name]
    old["type"] = fresh["type"]
    rule = found.rule.columns[name] if found.rule and found.rule.columns else None
    if found.facts is None or rule is None or rule.volatile:
        return
    for broken in broken_rules(rule, found.facts.column(name)):
        _mend_values(old, broken, fresh)


def _mend_column(old: dict[str, Any], name: str, fresh: dict[str, Any]) -> None:
    if name not in fresh:
        old.pop(name, None)
    else:
        order = list(fresh)
        kept = old | {name: fresh[name]}
        old.clear()
        old.update(
            sorted(kept.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1)
        )


def _mend_values(old: dict[str, Any], rule: str, fresh: dict[str, Any]) -> None:
    """Tell a column's values anew; where another rule tells them now, by that one."""
    if rule == "between" and "nan" in fresh:
        # Without a rule of its own, NaN is outside of any limits.
        old.setdefault("nan", fresh["nan"])
    if rule in fresh:
        old[rule] = fresh[rule]
        return
    del old[rule]
    if rule in _TELLING:
        old.update({name: fresh[name] for name in _TELLING if name in fresh})
