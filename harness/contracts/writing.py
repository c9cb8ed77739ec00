"""A contract from runs: two of them, since what differs between them is volatile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.contracts.draft import contract_of
from harness.contracts.facts import facts_of
from harness.contracts.holding import Proposal, sources_of
from harness.contracts.reader import read_document
from harness.contracts.store import contract_file
from harness.contracts.text import new_text, require_readable
from harness.contracts.update import rewritten
from harness.contracts.volatile import Trace, Unsteady, trace, unsteady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from harness.contracts.facts import SinkFacts
    from harness.contracts.reader import Document
    from harness.running.session import Session

Sinks = dict[tuple[str, str], "SinkFacts"]


def proposal_of(
    session: Session,
    pipeline: str,
    run: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]],
    *,
    variables: Mapping[str, Any],
    once: bool = False,
    note: Callable[[str], None] = lambda _line: None,
) -> Proposal:
    """Run a pipeline and draw up its contract. Nothing is written.

    What a contract that is there declares as volatile stays so, and its comments stay.

    Args:
        session: The session that runs it.
        pipeline: The pipeline's uuid.
        run: Runs it with some variables in emptied services, with what it needs before it, and
            gives the sinks that its own run wrote, by service and name.
        variables: Runtime variables; those of the contract that is there, if none are given.
        once: Whether one run is enough; then nothing new is known to be volatile.
        note: Told in a line what a reader should know.

    Raises:
        InputError: The contract that is there is not right.
        CheckFailedError: A sink cannot be read.
    """
    file = contract_file(session.settings, pipeline)
    document = read_document(file) if file.exists() else None
    if not variables and document is not None:
        variables = document.contract.variables or {}
    before: dict[tuple[str, str], Trace] | None = None
    if not once:
        first = _found(session, run(variables))
        before = {sink: trace(facts) for sink, facts in first.items()}
    sinks = _found(session, run(variables))
    seldom = set() if before is None else before.keys() ^ sinks.keys()
    for service, name in sorted(seldom):
        note(f"only one of two runs wrote {service} {name}: it is left out")
    note(f"drawing up the contract of {pipeline}")
    kept = {sink: facts for sink, facts in sinks.items() if sink not in seldom}
    restless = (
        {sink: unsteady(before[sink], facts) for sink, facts in kept.items()} if before else {}
    )
    contract = contract_of(
        pipeline,
        kept.values(),
        variables=variables,
        unsteady=_declared(document, restless),
        exact=not seldom,
    )
    after = new_text(contract) if document is None else rewritten(document, contract)
    require_readable(after, contract, file=file)
    return Proposal(
        pipeline=pipeline,
        file=file,
        before="" if document is None else document.text,
        after=after,
    )


def _found(session: Session, wrote: Iterable[tuple[str, str]]) -> Sinks:
    sources = sources_of(session)
    found = {(service, name): facts_of(sources, service, name) for service, name in wrote}
    return {sink: facts for sink, facts in found.items() if facts is not None}


def _declared(
    document: Document | None, restless: Mapping[tuple[str, str], Unsteady]
) -> dict[tuple[str, str], Unsteady]:
    """With the columns that the contract that is there declares as volatile."""
    both = dict(restless)
    rules = {} if document is None else document.contract.sinks()
    for sink, rule in rules.items():
        known = both.get(sink, Unsteady())
        declared = {
            name for name, column in (rule.columns or {}).items() if column and column.volatile
        }
        both[sink] = replace(known, columns=known.columns | declared)
    return both
