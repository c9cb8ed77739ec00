"""What a bisection has found, as plain data and as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.bisect.candidates import Answer, Candidate
    from harness.bisect.hunting import Bisection

_SHOWN = 20


def facts_of(bisection: Bisection, answer: Answer | None, *, pipeline: str) -> dict[str, Any]:
    """The object that ``--json`` writes (docs/bisect.md).

    Args:
        bisection: The bisection, which may have been broken off.
        answer: What is known of the first bad one; None where it is not found.
        pipeline: The pipeline's uuid.
    """
    first = bisection.first
    return {
        "pipeline": pipeline,
        "found": None if first is None else _named(first),
        "suspects": [_named(one) for one in bisection.suspects],
        "before": _named(bisection.before) if bisection.suspects else None,
        "author": answer.author if answer else "",
        "date": answer.date if answer else "",
        "files": list(answer.files) if answer else [],
        "inputs": list(answer.inputs) if answer else [],
        "problems": list(bisection.bad.problems) if bisection.bad else [],
        "lines": list(bisection.bad.lines) if bisection.bad else [],
        "steps": [step.as_json() for step in bisection.steps],
    }


def told(bisection: Bisection, answer: Answer | None, *, noun: str) -> Iterator[str]:
    """The answer in lines, the first with what matters most.

    Args:
        bisection: The bisection, which may have been broken off.
        answer: What is known of the first bad one; None where it is not found.
        noun: What one of the candidates is called.
    """
    suspects = bisection.suspects
    if not suspects:
        return
    if answer is None:
        yield f"the first bad {noun} is one of {len(suspects)}:"
        yield from (f"  {line}" for line in _some([one.line for one in suspects]))
    else:
        yield f"{suspects[0].line} is the first bad {noun}; {bisection.before.line} is good"
        yield from _of(answer)
    if bisection.bad is not None and bisection.bad.lines:
        yield f"with {suspects[-1].line}: {bisection.bad.what}"
        yield from (f"  {line}" for line in _some(bisection.bad.lines))


def _of(answer: Answer) -> Iterator[str]:
    if answer.author:
        yield f"  author: {answer.author}"
        yield f"  date:   {answer.date}"
    if answer.inputs:
        yield "  of what the pipeline depends on:"
        yield from (f"    {line}" for line in _some(answer.inputs))
    elif answer.files:
        yield "  nothing that the pipeline is seen to depend on is among its files:"
        yield from (f"    {line}" for line in _some(answer.files))
    if answer.inputs and answer.files:
        yield f"  it changed {counted(len(answer.files), 'file')} in all"
    if answer.further:
        yield f"  {answer.further}"


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"and {len(lines) - _SHOWN} more"


def _named(candidate: Candidate) -> dict[str, str]:
    return {"name": candidate.name, "title": candidate.title}
