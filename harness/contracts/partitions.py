"""Partitions held to a contract."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.contracts.counting import count_words, holds
from harness.contracts.difference import Difference
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.contracts.facts import SinkFacts
    from harness.contracts.model import Count, PartitionsRule
    from harness.contracts.reader import Document

_MOST = 3


def partition_differences(
    document: Document, rule: PartitionsRule, facts: SinkFacts, *, exact: bool
) -> Iterator[Difference]:
    """What is not as a contract says of the partitions.

    Args:
        document: The contract.
        rule: What it says.
        facts: What the sink holds.
        exact: Whether there may be no partitions besides those of the contract.
    """
    found = facts.partitions
    way = (facts.service, facts.name, "partitions")
    differs = partial(_difference, document, facts)
    if rule.count is not None and not holds(rule.count, len(found)):
        expected = count_words(rule.count, "partition")
        yield differs(way=(*way, "count"), expected=expected, found=f"{len(found):,}")
    for name, at in (("first", 0), ("last", -1)):
        wanted = getattr(rule, name)
        there = list(found)[at] if found else "none"
        if wanted is not None and wanted != there:
            yield differs(way=(*way, name), expected=wanted, found=there)
    if rule.rows is not None:
        other = [name for name, rows in found.items() if not holds(rule.rows, rows)]
        if other:
            shown = _some([f"{name}: {found[name]:,}" for name in other])
            expected = f"{count_words(rule.rows, 'row')} in each"
            yield differs(way=(*way, "rows"), expected=expected, found=shown)
    if rule.ids is not None:
        yield from _ids(document, rule.ids, facts, exact=exact)


def _ids(
    document: Document, ids: Mapping[str, Count | None], facts: SinkFacts, *, exact: bool
) -> Iterator[Difference]:
    found = facts.partitions
    way = (facts.service, facts.name, "partitions", "ids")
    differs = partial(_difference, document, facts)
    for name, rows in ids.items():
        if name not in found:
            expected = name if rows is None else f"{name}: {count_words(rows, 'row')}"
            yield differs(way=(*way, name), expected=expected, found="not there")
        elif rows is not None and not holds(rows, found[name]):
            expected = f"{name}: {count_words(rows, 'row')}"
            yield differs(way=(*way, name), expected=expected, found=f"{found[name]:,}")
    others = [name for name in found if name not in ids]
    if exact and others:
        shown = _some([f"{name}: {counted(found[name], 'row')}" for name in others])
        yield differs(way=way, expected="no other partition", found=shown)


def _difference(
    document: Document, facts: SinkFacts, *, way: tuple[str, ...], expected: str, found: str
) -> Difference:
    return Difference(
        service=facts.service,
        sink=facts.name,
        rule="partitions",
        expected=expected,
        found=found,
        line=document.line(*way),
        way=way,
    )


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _MOST:,} more" if len(texts) > _MOST else ""
    return ", ".join(texts[:_MOST]) + more
