"""What running again has shown, and the failure that tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import ExpectationError
from harness.plain import counted
from harness.rerun.difference import Comparison, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.rerun.difference import Difference
    from harness.rerun.world import World
    from harness.services.protocol import Sink
    from harness.services.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """One way in which a pipeline was run again.

    Attributes:
        how: What happened before, for example ``run twice``.
        differences: What differs from one undisturbed run.
        problems: Why the last run was no success.
    """

    how: str
    differences: tuple[Difference, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether it left the data of one undisturbed run."""
        return not self.differences and not self.problems


def outcome(
    stack: Stack,
    how: str,
    *,
    expected: World,
    before: Sequence[Sink],
    plan: Comparison,
    problems: Iterable[str],
) -> Rerun:
    """Hold what the services hold now against what one run left.

    Args:
        stack: The services.
        how: What happened before.
        expected: What one run left.
        before: The inventory before the run, that of the seeds.
        plan: How data is compared.
        problems: Why the last run was no success.
    """
    found = differences(stack, expected, before=before, plan=plan)
    return Rerun(how=how, differences=tuple(found), problems=tuple(problems))


def require_safe(
    reruns: Iterable[Rerun], *, cannot: str, way: str, failed: str, remedy: str
) -> None:
    """Return if each way of running again left what it should.

    Args:
        reruns: The ways.
        cannot: What the pipeline cannot do, where it does not hold.
        way: What one way is called.
        failed: What those did that were not safe.
        remedy: What to do.

    Raises:
        ExpectationError: One did not; the message tells of each.
    """
    __tracebackhide__ = True
    ways = tuple(reruns)
    unsafe = [one for one in ways if not one.safe]
    if unsafe:
        raise ExpectationError(
            f"{cannot}: {len(unsafe)} of {counted(len(ways), way)} {failed}",
            evidence=[line for one in unsafe for line in _told(one)],
            remedy=remedy,
        )


def _told(rerun: Rerun) -> Iterator[str]:
    yield f"{rerun.how}:"
    for line in rerun.problems:
        yield f"  {line}"
    for difference in rerun.differences:
        yield from (f"  {line}" for line in difference.lines)
