"""Every error that a user of the harness can meet.

Each message has four parts: the symptom (what did not work), the cause (why, as far as it is
known), the evidence (what was looked at) and the remedy (what to type or change). The class says
with which status the command ends: 1 the pipeline or a check failed, 2 bad usage or input, 3 the
environment is not able.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class HarnessError(Exception):
    """Base of all errors that the harness raises on purpose.

    Args:
        symptom: What did not work, in one sentence.
        cause: Why, as far as it is known.
        evidence: What was looked at: lines of a log, places that were searched, values found.
        remedy: What to type or change.
    """

    exit_status: ClassVar[int] = 3

    def __init__(
        self, symptom: str, *, cause: str = "", evidence: Iterable[str] = (), remedy: str = ""
    ) -> None:
        self.symptom = symptom
        self.cause = cause
        self.evidence = tuple(evidence)
        self.remedy = remedy
        super().__init__(symptom)

    def __str__(self) -> str:
        lines = [self.symptom]
        if self.cause:
            lines.append(f"  cause:    {self.cause}")
        if self.evidence:
            first, *rest = self.evidence
            lines.append(f"  evidence: {first}")
            lines.extend(f"            {line}" for line in rest)
        if self.remedy:
            lines.append(f"  remedy:   {self.remedy}")
        return "\n".join(lines)


class InputError(HarnessError):
    """Something that the user wrote is wrong: an option, a setting, a variable."""

    exit_status = 2


class SettingsError(InputError):
    """A setting is unknown or has a value that cannot be used."""


class ProjectError(InputError):
    """The Mage project, a pipeline or a block of it cannot be read."""


class CassetteError(InputError):
    """A recording is missing, unreadable or not what its index says."""


class EnvironmentNotAbleError(HarnessError):
    """This machine cannot do it now: a program, space, a port or a permission is missing."""

    exit_status = 3


class ServiceError(EnvironmentNotAbleError):
    """A private service did not start, died or did not answer."""


class CheckFailedError(HarnessError, AssertionError):
    """What ran or was written is not what it should be; pytest shows it as a failure."""

    exit_status = 1


class PipelineFailedError(CheckFailedError):
    """The verdict on a pipeline's run is not a success."""


class ExpectationError(CheckFailedError):
    """An expectation on a table, object, dataset or block output does not hold.

    Args:
        symptom: What was looked at, what was expected and what was found.
        cause: Why, where the data itself tells.
        evidence: Lines that show the difference.
        remedy: What to change.
        facts: The same as plain data, for JSON: at least ``about``, ``difference``, ``cause`` and
            ``evidence`` where a check found it.
    """

    def __init__(
        self,
        symptom: str,
        *,
        cause: str = "",
        evidence: Iterable[str] = (),
        remedy: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.facts = dict(facts or {})
        super().__init__(symptom, cause=cause, evidence=evidence, remedy=remedy)


class MissingSinkError(CheckFailedError):
    """A table, object or dataset that should have been written is not there."""
