"""Runs of a session held to the project's contracts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.contracts.check import check
from harness.contracts.difference import ContractError, ContractReport
from harness.contracts.reader import read_document
from harness.contracts.store import contract_file, shown
from harness.contracts.update import updated
from harness.errors import InputError
from harness.held import held
from harness.running.secrets import masking
from harness.services.catalogue import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from harness.contracts.difference import Difference
    from harness.contracts.reader import Document
    from harness.contracts.update import Update
    from harness.expect.subject import Source
    from harness.running.result import PipelineRun
    from harness.running.secrets import Masking
    from harness.running.session import Session


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A contract as a run would have it.

    Attributes:
        pipeline: The pipeline's uuid.
        file: The contract.
        before: Its text now; empty where there is none.
        after: The text that it would have.
        complete: Whether it says then all that the run found.
    """

    pipeline: str
    file: Path
    before: str
    after: str
    complete: bool = True


class Contracts:
    """The contracts of a session's project.

    Args:
        session: The session whose services they speak of.
        propose: Whether contracts that do not hold are redrawn, see ``proposals``.

    Attributes:
        proposals: Contracts as the runs would have them.
    """

    def __init__(self, session: Session, *, propose: bool = False) -> None:
        self.proposals: list[Proposal] = []
        self._session = session
        self._propose = propose
        self._documents: dict[str, Document | None] = {}
        self._written: dict[tuple[str, str], str] = {}

    def beside(self, session: Session) -> Contracts:
        """The contracts for another session of the project; all that is proposed is in one list.

        Args:
            session: The other session.
        """
        other = Contracts(session, propose=self._propose)
        other.proposals = self.proposals
        return other

    def read(self, pipelines: Iterable[str], *, required: bool = False) -> None:
        """Read the contracts of pipelines, so that mistakes in them are told before a run.

        Args:
            pipelines: Pipelines by uuid.
            required: Whether each must have one.

        Raises:
            InputError: A contract is not right, or is required and not there.
        """
        for pipeline in pipelines:
            self._document(pipeline, required=required)

    def variables(self, pipeline: str) -> Mapping[str, Any]:
        """The runtime variables that a pipeline's contract holds for, besides the defaults."""
        document = self._document(pipeline)
        return {} if document is None else document.contract.variables or {}

    def forget_runs(self) -> None:
        """The services have been emptied: no pipeline has written anything."""
        self._written.clear()

    def hold(self, run: PipelineRun, *, variables: Mapping[str, Any]) -> ContractReport | None:
        """Hold a run to its pipeline's contract; None where it has none.

        Args:
            run: A run that looked at the services before and after.
            variables: The runtime variables that it was given.

        Raises:
            InputError: The contract is not right, or does not fit the columns.
        """
        wrote = [(sink.service, sink.name) for sink in run.sinks]
        others = {
            sink: self._written[sink]
            for sink in wrote
            if self._written.get(sink, run.pipeline) != run.pipeline
        }
        self._written.update(dict.fromkeys(wrote, run.pipeline))
        document = self._document(run.pipeline)
        if document is None:
            return None
        left_out = self._left_out(document, run, variables)
        if left_out:
            return ContractReport(file=document.file, left_out=left_out)
        sources = sources_of(self._session)
        found = check(document, sources, wrote=wrote)
        if found and self._propose:
            self._add_proposal(document, updated(document, found, sources))
        mask = masking(self._session, variables)
        return ContractReport(
            file=document.file,
            differences=tuple(
                _masked(
                    replace(one, note=_shared(others[one.service, one.sink], one.note))
                    if (one.service, one.sink) in others
                    else one,
                    mask,
                )
                for one in found
            ),
        )

    def _add_proposal(self, document: Document, update: Update) -> None:
        # Some things no contract can say, such as two columns of one name.
        if update.text != document.text:
            self.proposals.append(
                Proposal(
                    pipeline=document.contract.pipeline,
                    file=document.file,
                    before=document.text,
                    after=update.text,
                    complete=update.complete,
                )
            )

    def _document(self, pipeline: str, *, required: bool = False) -> Document | None:
        if self._documents.get(pipeline) is None:
            file = contract_file(self._session.settings, pipeline)
            there = file.exists() or required
            self._documents[pipeline] = read_document(file) if there else None
            document = self._documents[pipeline]
            if document is not None and document.contract.pipeline != pipeline:
                raise InputError(
                    f"{shown(file)}:{document.line('pipeline')}: this is the contract of another"
                    f" pipeline, {document.contract.pipeline}",
                    remedy=f"name the file {document.contract.pipeline}.yaml, or correct the line",
                )
        return self._documents[pipeline]

    def _left_out(self, document: Document, run: PipelineRun, variables: Mapping[str, Any]) -> str:
        if not run.ok:
            return "the run failed"
        defaults = self._session.project.pipeline(run.pipeline).variables
        wanted = {**defaults, **(document.contract.variables or {})}
        given = {**defaults, **variables}
        others = sorted(
            name for name in wanted | given if _text(wanted.get(name)) != _text(given.get(name))
        )
        if not others:
            return ""
        told = [f"{name}={_text(wanted.get(name))}" for name in others]
        return f"it holds for {', '.join(told)}, and the run had other variables"


def sources_of(session: Session) -> Mapping[str, Source]:
    """The services that hold what a session's runs wrote, by name."""
    return _Sources(session)


class _Sources(Mapping[str, "Source"]):
    """Those of the catalogue; a further one starts when something is asked of it."""

    def __init__(self, session: Session) -> None:
        self._stack = session.stack

    def __getitem__(self, name: str) -> Source:
        return self._stack.service(name)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


def require(
    session: Session,
    run: PipelineRun,
    *,
    variables: Mapping[str, Any],
    approve: Callable[[Proposal], bool] | None = None,
) -> None:
    """Return if a run left behind what its contract says.

    Args:
        session: The session of the run.
        run: A run that looked at the services before and after.
        variables: The runtime variables that it was given.
        approve: Shown what the contract would be, keeps it where that is wanted, and says whether
            it did; None where nothing is to be kept.

    Raises:
        ContractError: It did not; the message shows all differences.
        InputError: There is no contract, it is not right, or it holds for other variables.
    """
    __tracebackhide__ = True
    contracts = Contracts(session, propose=approve is not None)
    contracts.read([run.pipeline], required=True)
    report = contracts.hold(run, variables=variables)
    if report is None or report.left_out:
        reason = "" if report is None else report.left_out
        raise InputError(
            f"pipeline {run.pipeline} cannot be held to its contract",
            cause=reason,
            remedy="run it as the contract says, or without contract=True",
        )
    kept = (
        [approve(one) and one.complete for one in contracts.proposals]
        if approve is not None
        else []
    )
    if not (report.ok or (kept and all(kept))):
        raise ContractError(run.pipeline, report)
    if report.ok:
        held(f"pipeline {run.pipeline}", "contract")


def _shared(other: str, note: str) -> str:
    told = (
        f"{other} wrote it too, before this run; a contract speaks of a pipeline in a world of its"
        " own: mage-harness contract check"
    )
    return f"{note}; {told}" if note else told


def _masked(one: Difference, mask: Masking) -> Difference:
    """A difference whose values are no secrets of the run."""
    return replace(
        one,
        expected=mask.text(one.expected),
        found=mask.text(one.found),
        note=mask.text(one.note),
    )


def _text(value: Any) -> str:
    return json.dumps(value, default=str, sort_keys=True)
