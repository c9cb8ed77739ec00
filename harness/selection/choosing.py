"""Which pipelines need not run, since nothing of what they depend on is another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from harness.selection.inputs import Inputs

_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A pipeline that is not run.

    Attributes:
        uuid: The pipeline's uuid.
        since: Since when nothing changed: a revision, or the moment of the last green run.
        inputs: What it depends on.
        facts: What that run found, as ``--json`` has it, where it answers for this one.
    """

    uuid: str
    since: str
    inputs: Inputs
    facts: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema (docs/run.schema.json)."""
        return {
            "uuid": self.uuid,
            "since": self.since,
            "key": self.inputs.key,
            "inputs": dict(self.inputs.parts),
            "facts": None if self.facts is None else dict(self.facts),
        }


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is run, and what is not.

    Attributes:
        why: For each pipeline that is run, why, in lines.
        left_out: The others.
    """

    why: Mapping[str, tuple[str, ...]]
    left_out: tuple[LeftOut, ...]

    @property
    def lines(self) -> list[str]:
        """Why each is run, a line for each."""
        return [f"{uuid} runs: {_some(lines)}" for uuid, lines in self.why.items()]


def choose(pipelines: Iterable[str], answer: Callable[[str], LeftOut | tuple[str, ...]]) -> Chosen:
    """Take pipelines apart into those that run and those that need not.

    Args:
        pipelines: By uuid.
        answer: For a pipeline, how it is left out, or the lines that say why it is not.
    """
    why: dict[str, tuple[str, ...]] = {}
    left_out = []
    for uuid in pipelines:
        found = answer(uuid)
        if isinstance(found, LeftOut):
            left_out.append(found)
        else:
            why[uuid] = found
    return Chosen(why=why, left_out=tuple(left_out))


def _some(lines: tuple[str, ...]) -> str:
    shown = ", ".join(lines[:_SHOWN])
    return shown if len(lines) <= _SHOWN else f"{shown}, and {len(lines) - _SHOWN} more"
