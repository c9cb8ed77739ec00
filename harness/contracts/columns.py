"""Columns held to a contract: which there are, and what each holds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.contracts.cells import value_differences
from harness.contracts.difference import Difference
from harness.errors import CheckFailedError
from harness.expect.types import agrees, is_known, known_names
from harness.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from harness.contracts.facts import SinkFacts
    from harness.contracts.model import ColumnRule
    from harness.contracts.reader import Document


def column_differences(
    document: Document,
    rules: Mapping[str, ColumnRule | None],
    facts: SinkFacts,
    *,
    exact: bool,
) -> Iterator[Difference]:
    """What is not as a contract says of the columns.

    Args:
        document: The contract.
        rules: What it says of each.
        facts: What the sink holds.
        exact: Whether there may be no others, and in no other order.

    Raises:
        CheckFailedError: The content cannot be read.
        InputError: A limit or a value does not fit its column.
    """
    if exact:
        yield from _others(document, rules, facts)
    others = [name for name in facts.columns if name not in rules]
    for name, rule in rules.items():
        way = (facts.service, facts.name, "columns", name)
        if name not in facts.columns:
            near = meant(name, others)
            yield Difference(
                service=facts.service,
                sink=facts.name,
                column=name,
                rule="columns",
                expected=(rule.type if rule else None) or "there",
                found="not there",
                line=document.line(*way),
                note=f"nearest to {name}: {near} {facts.columns[near].type}" if near else "",
                way=way,
            )
        elif rule is not None:
            typed = list(_type(document, rule, facts, name))
            yield from typed
            if not rule.volatile and not typed:
                yield from value_differences(document, rule, facts, name)


def _others(
    document: Document, rules: Mapping[str, ColumnRule | None], facts: SinkFacts
) -> Iterator[Difference]:
    way = (facts.service, facts.name, "exact")
    differs = partial(
        Difference,
        service=facts.service,
        sink=facts.name,
        rule="exact",
        line=document.line(*way),
    )
    names = [column.name for column in facts.sink.columns]
    for at, name in enumerate(names):
        if name not in rules:
            yield differs(
                column=name,
                expected="no other column",
                found=facts.columns[name].type,
                way=(*way[:2], "columns", name),
            )
        elif name in names[:at]:
            yield differs(
                column=name,
                expected="one column",
                found=f"{names.count(name)} of this name",
                way=way,
            )
    wanted = [name for name in rules if name in facts.columns]
    found = [name for name in facts.columns if name in rules]
    if wanted != found:
        at = next(at for at, pair in enumerate(zip(wanted, found, strict=True)) if len({*pair}) > 1)
        yield differs(
            column=wanted[at],
            expected="this order",
            found=f"{found[at]} in its place",
            way=(*way[:2], "columns"),
        )


def _type(
    document: Document, rule: ColumnRule, facts: SinkFacts, name: str
) -> Iterator[Difference]:
    column = facts.columns[name]
    way = (facts.service, facts.name, "columns", name)
    differs = partial(Difference, service=facts.service, sink=facts.name, column=name)
    if rule.type is not None and not agrees(
        rule.type, column, service=facts.service, arrow=lambda: _arrow(facts, name)
    ):
        note = ""
        if not is_known(rule.type, service=facts.service):
            near = meant(rule.type, known_names(facts.service))
            note = f"{rule.type} is no type of {facts.service} or Arrow" + (
                f"; nearest: {near}" if near else ""
            )
        yield differs(
            rule="type",
            expected=rule.type,
            found=column.type,
            note=note,
            line=document.line(*way, "type"),
            way=way,
        )
    if rule.required is not None and rule.required == column.nullable:
        yield differs(
            rule="required",
            expected="refuses nulls" if rule.required else "takes nulls",
            found="takes nulls" if column.nullable else "refuses nulls",
            line=document.line(*way, "required"),
            way=(*way, "required"),
        )


def _arrow(facts: SinkFacts, name: str) -> pa.DataType | None:
    try:
        return facts.column(name).kind
    except CheckFailedError:
        return None
