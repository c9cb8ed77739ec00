"""Two runs of a pipeline beside each other: what was then, what is now, and what differs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.page import limits
from harness.page.code_diff import Hunk, hunks
from harness.page.data_diff import Fact, OutputPair, columns_of, outputs_of
from harness.plain import counted
from harness.report.words import duration, flow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.page.kept import Kept, KeptBlock, KeptProblem, KeptRun, KeptSink

_ALWAYS = ("verdict", "begun", "took")


@dataclass(frozen=True, kw_only=True)
class BlockPair:
    """A block then and now.

    Attributes:
        name: The block's uuid.
        then: The block of the earlier run; None where that has none of the name.
        now: The block of the later run; the same.
        differs: Whether anything differs but how long it took.
        errors: What ended it then and now, where both are known and differ; else None.
        code: What changed in its code.
        outputs: What it handed on, as far as it differs.
    """

    name: str
    then: KeptBlock | None
    now: KeptBlock | None
    differs: bool
    errors: tuple[str, str] | None = None
    code: tuple[Hunk, ...] = ()
    outputs: tuple[OutputPair, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunPair:
    """A run then and now.

    Attributes:
        heading: What stands over it.
        then: The earlier run.
        now: The later run.
        differs: Whether anything differs but how long it took.
        facts: Of both as a whole.
        problems: Those that both have, then those of one of them: what was said then, and now.
        blocks: The blocks, in the order of now.
        sinks: What was found in the services.
    """

    heading: str
    then: KeptRun
    now: KeptRun
    differs: bool
    facts: tuple[Fact, ...] = ()
    problems: tuple[tuple[KeptProblem | None, KeptProblem | None], ...] = ()
    blocks: tuple[BlockPair, ...] = ()
    sinks: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All runs of a page beside those of an earlier one.

    Attributes:
        file: The file of the earlier ones.
        runs: The runs that both have, in the order of now.
        only_then: Headings of earlier runs that have none beside them.
        only_now: The same of later ones.
        versions: The versions that differ.
        lacks: What of the earlier runs is not known.
    """

    file: str
    runs: tuple[RunPair, ...]
    only_then: tuple[str, ...]
    only_now: tuple[str, ...]
    versions: tuple[Fact, ...]
    lacks: str

    @property
    def differing(self) -> int:
        """How many runs differ."""
        return sum(one.differs for one in self.runs)


def compared(then: Kept, now: Kept, *, file: str, whole: bool = True) -> Comparison:
    """Runs beside earlier ones of the same heading, or else of the same pipeline.

    Args:
        then: The earlier ones, fit for a page.
        now: The later ones; the same.
        file: What the earlier ones are called.
        whole: Whether the later ones are all that there are, so that it means something where an
            earlier one has none beside it.
    """
    pairs = list(_matched(then.runs, now.runs))
    return Comparison(
        file=file,
        runs=tuple(_run(one, other) for one, other in pairs if one and other),
        only_then=tuple(one.heading for one, other in pairs if one and not other and whole),
        only_now=tuple(other.heading for one, other in pairs if other and not one),
        versions=tuple(_versions(then, now)),
        lacks=_lacks(then),
    )


def _matched(
    then: Sequence[KeptRun], now: Sequence[KeptRun]
) -> Iterator[tuple[KeptRun | None, KeptRun | None]]:
    left = list(then)
    found: dict[int, KeptRun] = {}
    for key in ("heading", "uuid"):
        for at, one in enumerate(now):
            wanted = getattr(one, key)
            same = next((other for other in left if getattr(other, key) == wanted), None)
            if at not in found and same is not None:
                found[at] = same
                left.remove(same)
    yield from ((found.get(at), one) for at, one in enumerate(now))
    yield from ((one, None) for one in left)


def _run(then: KeptRun, now: KeptRun) -> RunPair:
    facts = (
        Fact.of("verdict", *("passed" if one.ok else "failed" for one in (then, now))),
        Fact.of("entry", then.entry, now.entry),
        Fact.of("time given", then.at or "the real one", now.at or "the real one"),
        Fact(name="begun", then=then.began, now=now.began),
        Fact(name="took", then=duration(then.seconds), now=duration(now.seconds)),
    )
    problems = tuple(_problems(then.problems, now.problems))
    blocks = tuple(_blocks(then, now))
    sinks = tuple(_sinks(then.sinks, now.sinks))
    told = (
        *(one.differs for one in (*facts, *sinks)),
        *(one.differs for one in blocks),
        *(None in pair for pair in problems),
    )
    return RunPair(
        heading=now.heading,
        then=then,
        now=now,
        differs=any(told),
        facts=tuple(one for one in facts if one.differs or one.name in _ALWAYS),
        problems=problems,
        blocks=blocks,
        sinks=sinks,
    )


def _problems(
    then: Iterable[KeptProblem], now: Iterable[KeptProblem]
) -> Iterator[tuple[KeptProblem | None, KeptProblem | None]]:
    """Those at one place are the same, whatever their words and the line that they are now at."""
    left = list(then)[: limits.MESSAGES]
    for one in list(now)[: limits.MESSAGES]:
        same = next((other for other in left if _place(other) == _place(one)), None)
        if same is not None:
            left.remove(same)
        yield same, one
    yield from ((one, None) for one in left)


def _place(problem: KeptProblem) -> tuple[str, str, str]:
    return problem.code, problem.block, problem.file


def _blocks(then: KeptRun, now: KeptRun) -> Iterator[BlockPair]:
    before = {one.uuid: one for one in then.blocks}
    after = {one.uuid: one for one in now.blocks}
    for uuid in dict.fromkeys((*after, *before)):
        one, other = before.get(uuid), after.get(uuid)
        if one is None or other is None:
            yield BlockPair(name=uuid, then=one, now=other, differs=True)
            continue
        code, outputs = hunks(one, other), tuple(outputs_of(one.outputs, other.outputs))
        ends = [(each.status, each.rows_in, each.rows_out) for each in (one, other)]
        errors = _errors(one, other)
        yield BlockPair(
            name=uuid,
            then=one,
            now=other,
            differs=ends[0] != ends[1] or bool(errors or code or outputs),
            errors=errors,
            code=code,
            outputs=outputs,
        )


def _errors(then: KeptBlock, now: KeptBlock) -> tuple[str, str] | None:
    if then.error is None or now.error is None or then.error == now.error:
        return None
    return then.error, now.error


def _sinks(then: Iterable[KeptSink], now: Iterable[KeptSink]) -> Iterator[Fact]:
    before, after = ({(one.service, one.name): one for one in found} for found in (then, now))
    for key in list(dict.fromkeys((*after, *before)))[: limits.SINKS]:
        one, other = before.get(key), after.get(key)
        changed = (
            [
                f"{fact.name}: {fact.then or 'none'} \N{RIGHTWARDS ARROW} {fact.now or 'none'}"
                for fact in columns_of(one.columns, other.columns)
                if fact.differs
            ]
            if one and other
            else []
        )
        said = [_rows(each) for each in (one, other)]
        yield Fact(
            name=" ".join(key),
            then=said[0],
            now=said[1],
            differs=bool(changed) or said[0] != said[1],
            note=", ".join(changed),
        )


def _rows(sink: KeptSink | None) -> str:
    if sink is None:
        return "not there"
    return "there" if sink.rows is None else counted(sink.rows, "row")


def _versions(then: Kept, now: Kept) -> Iterator[Fact]:
    before, after = dict(then.surroundings), dict(now.surroundings)
    facts = [Fact.of(name, before[name], after[name]) for name in after if name in before]
    if then.packages and now.packages:
        packages = [_packages(one.packages) for one in (then, now)]
        facts += [
            Fact.of(name, packages[0].get(name, "not there"), packages[1].get(name, "not there"))
            for name in sorted({*packages[0], *packages[1]})
        ]
    yield from (one for one in facts if one.differs)


def _packages(told: Iterable[str]) -> Mapping[str, str]:
    """Versions by name; a name may be written with any sign between its words."""
    parts = (one.partition(" ") for one in told)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, _, version in parts}


def _lacks(then: Kept) -> str:
    blocks = [block for run in then.runs for block in run.blocks]
    lacking = Counter(
        {
            "code": sum(one.lines is None for one in blocks),
            "data": sum(one.outputs is None for one in blocks),
        }
    )
    parts = [
        f"the {what} of {'all' if count == len(blocks) else count} blocks"
        for what, count in lacking.items()
        if count
    ]
    parts += [] if then.surroundings else ["the versions"]
    return " and ".join(parts)


def states(block: KeptBlock | None) -> str:
    """A block's state, rows and time in words."""
    if block is None:
        return "not there"
    took = "" if block.seconds is None else duration(block.seconds)
    return ", ".join(filter(None, (block.status, flow(block.rows_in, block.rows_out), took)))
