"""Hold what is in the services to a contract; all differences at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.contracts.columns import column_differences
from harness.contracts.counting import count_words, holds
from harness.contracts.difference import Difference
from harness.contracts.facts import facts_of
from harness.contracts.keys import doubled
from harness.contracts.partitions import partition_differences
from harness.errors import CheckFailedError
from harness.nearest import meant
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from harness.contracts.facts import SinkFacts
    from harness.contracts.model import SinkRule
    from harness.contracts.reader import Document
    from harness.expect.subject import Source


def check(
    document: Document,
    sources: Mapping[str, Source],
    *,
    wrote: Collection[tuple[str, str]] | None = None,
) -> tuple[Difference, ...]:
    """What is not as a contract says, in the order of its lines.

    Args:
        document: The contract.
        sources: The services by name.
        wrote: What the run wrote, by service and name; None where that is not known, so that
            sinks besides those of the contract are not told.

    Raises:
        InputError: A limit or a value of the contract does not fit its column.
    """
    found = [
        one
        for (service, name), rule in document.contract.sinks().items()
        for one in _of_sink(document, rule, service, name, sources)
    ]
    if document.contract.exact and wrote is not None:
        found += _others(document, wrote)
    return tuple(found)


def _others(document: Document, wrote: Collection[tuple[str, str]]) -> Iterator[Difference]:
    known = document.contract.sinks().keys()
    for service, name in sorted(set(wrote) - set(known)):
        near = meant(name, [sink for at, sink in known if at == service])
        yield Difference(
            service=service,
            sink=name,
            rule="exact",
            expected="no other sink",
            found="written",
            line=document.line("exact"),
            note=f"nearest in the contract: {near}" if near else "",
            way=(service, name),
        )


def _of_sink(
    document: Document, rule: SinkRule, service: str, name: str, sources: Mapping[str, Source]
) -> Iterator[Difference]:
    way = (service, name)
    facts = facts_of(sources, service, name)
    if facts is None:
        near = meant(name, [sink.name for sink in sources[service].inventory()])
        yield Difference(
            service=service,
            sink=name,
            rule="sink",
            expected="written",
            found="not there",
            line=document.line(*way),
            note=f"nearest that is there: {near}" if near else "",
            way=way,
        )
        return
    asks = rule.rows is not None or rule.columns or rule.key or rule.partitions
    if not facts.is_table and asks:
        yield _unreadable(document, facts, "content that is not tabular")
        return
    try:
        yield from _of_table(document, rule, facts)
    except CheckFailedError as error:
        yield _unreadable(document, facts, error.cause or error.symptom)


def _of_table(document: Document, rule: SinkRule, facts: SinkFacts) -> Iterator[Difference]:
    way = (facts.service, facts.name)
    if rule.rows is not None and not holds(rule.rows, facts.subject.rows):
        yield Difference(
            service=facts.service,
            sink=facts.name,
            rule="rows",
            expected=count_words(rule.rows, "row"),
            found=f"{facts.subject.rows:,}",
            line=document.line(*way, "rows"),
            way=(*way, "rows"),
        )
    if rule.key is not None:
        yield from _key(document, rule.key.columns, facts)
    if rule.partitions is not None:
        yield from partition_differences(document, rule.partitions, facts, exact=bool(rule.exact))
    if rule.columns is not None:
        yield from column_differences(document, rule.columns, facts, exact=bool(rule.exact))


def _key(document: Document, names: tuple[str, ...], facts: SinkFacts) -> Iterator[Difference]:
    way = (facts.service, facts.name, "key")
    missing = [name for name in names if name not in facts.columns]
    number = 0 if missing else doubled(facts, names)
    if not missing and not number:
        return
    found = (
        f"no column {', '.join(missing)}"
        if missing
        else f"{counted(number, 'row')} that repeat another"
    )
    yield Difference(
        service=facts.service,
        sink=facts.name,
        rule="key",
        expected=f"{', '.join(names)} unique",
        found=found,
        line=document.line(*way),
        way=way,
    )


def _unreadable(document: Document, facts: SinkFacts, found: str) -> Difference:
    way = (facts.service, facts.name)
    return Difference(
        service=facts.service,
        sink=facts.name,
        rule="sink",
        expected="a table",
        found=found,
        line=document.line(*way),
        way=way,
    )
