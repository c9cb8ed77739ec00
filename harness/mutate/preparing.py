"""From what a user asks for to mutants that can be tried."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.contracts.holding import Contracts
from harness.errors import InputError
from harness.mutate.baseline import baseline_of, second_run_notes, unrepeatable
from harness.mutate.choice import check_choice, chosen
from harness.mutate.files import code_of, mutants_of
from harness.mutate.hunt import Hunt
from harness.mutate.outcome import UNREACHED, MutationReport, Outcome
from harness.mutate.suite import Suite
from harness.mutate.trial import Target
from harness.running.plan import plan
from harness.running.variables import check_variables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from harness.mutate.baseline import Baseline
    from harness.mutate.change import Mutant
    from harness.running.session import Session


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a user asks for.

    Attributes:
        pipeline: The pipeline's uuid.
        variables: Runtime variables by name; those of its contract, if none are given.
        tests: What pytest collects for what nothing else noticed.
        only: Blocks by uuid, or files; all blocks and modules if none is named.
        operators: Kinds of changes; all if none is named.
        modules: Whether modules of the project that blocks import are changed too.
        limit: The most mutants that are tried.
    """

    pipeline: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    tests: tuple[str, ...] = ()
    only: Collection[str] = ()
    operators: Collection[str] = ()
    modules: bool = True
    limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Mutants that can be tried.

    Attributes:
        hunt: How.
        mutants: Those to try.
        unreached: Those on lines that the unchanged pipeline never came to.
    """

    hunt: Hunt
    mutants: tuple[Mutant, ...]
    unreached: tuple[Mutant, ...]

    def report(self, session: Session, outcomes: Sequence[Outcome]) -> MutationReport:
        """What is known so far, by file and line.

        Args:
            session: Where they were tried.
            outcomes: What became of those that were tried.
        """
        known = [*outcomes, *(Outcome(mutant=one, status=UNREACHED) for one in self.unreached)]
        known.sort(key=lambda one: (one.mutant.file, one.mutant.line, one.mutant.what))
        return MutationReport(
            pipeline=self.hunt.target.pipeline,
            project=session.project.path,
            mutants=len(self.mutants) + len(self.unreached),
            outcomes=tuple(known),
            notes=self.hunt.baseline.notes,
            contract=self.hunt.baseline.contract,
        )


def prepared(session: Session, wish: Wish) -> Prepared:
    """Run the unchanged pipeline and the tests, and find the mutants.

    Args:
        session: Where; its services are emptied.
        wish: What is asked for, see ``check``.

    Raises:
        PipelineFailedError: The unchanged pipeline is no success.
        ContractError: It does not hold its contract.
        CheckFailedError: Tests fail on the unchanged project.
        InputError: The contract is not right, pytest cannot run the tests, or there is nothing to
            change.
    """
    pipeline = session.project.pipeline(wish.pipeline)
    variables = wish.variables or Contracts(session).variables(wish.pipeline)
    target = Target(pipeline=wish.pipeline, variables=variables)
    baseline = baseline_of(session, target)
    codes = code_of(session.project, pipeline, modules=wish.modules)
    found = chosen(mutants_of(codes, baseline.columns), only=wish.only, operators=wish.operators)
    mutants = chosen([one for one in found if baseline.reaches(one)], limit=wish.limit)
    if not found:
        raise InputError(
            f"there is nothing to change in {wish.pipeline}",
            evidence=[f"looked at {code.file}" for code in codes],
            remedy="name other blocks with --only, or other kinds with --operators",
        )
    apart = None
    if any(one.operator == "option" for one in mutants):
        apart = unrepeatable(session, target, baseline)
        told = second_run_notes(baseline, apart)
        baseline = replace(baseline, notes=(*baseline.notes, *told))
    return Prepared(
        hunt=_hunt(session, target, baseline, tests=wish.tests, apart=apart),
        mutants=tuple(mutants),
        unreached=tuple(one for one in found if not baseline.reaches(one)),
    )


def check(session: Session, wish: Wish) -> None:
    """Refuse what is asked for and is not there, before anything runs.

    Args:
        session: Whose project it is.
        wish: What is asked for.

    Raises:
        InputError: A pipeline, a block, an operator or a variable is not known.
    """
    project = session.project
    pipeline = project.pipeline(wish.pipeline)
    check_choice(project, pipeline, only=wish.only, operators=wish.operators)
    steps = plan(project, [wish.pipeline], session.settings.needs)
    pipelines = [project.pipeline(uuid) for uuid in steps]
    check_variables(wish.variables, project=project, pipelines=pipelines)


def _hunt(
    session: Session,
    target: Target,
    baseline: Baseline,
    *,
    tests: tuple[str, ...],
    apart: frozenset[tuple[str, str]] | None,
) -> Hunt:
    hunt = Hunt(target=target, baseline=baseline, apart=apart)
    if not tests:
        return hunt
    suite = Suite(
        tests,
        project=session.project.path,
        folder=session.stack.folder,
        guardian=session.stack.guardian,
    )
    session.progress("the tests, unchanged")
    return replace(hunt, suite=suite, suite_seconds=suite.require_passing())
