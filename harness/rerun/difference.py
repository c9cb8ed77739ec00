"""How the sinks after one run and after another differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import CheckFailedError, InputError
from harness.expect.compare.side import GIVEN
from harness.expect.target import Target
from harness.nearest import nearest
from harness.rerun.world import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.rerun.world import Content, World
    from harness.services.protocol import Sink
    from harness.services.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Whose data is compared, and how.

    Attributes:
        pipeline: The pipeline's uuid.
        keys: The columns that identify a row, by the sink's name.
        ignoring: Columns that may differ, such as the time of the load.
        than: What left the expected data, for messages: other content than ``after one run``.
        given: What messages call an expected table.
    """

    pipeline: str
    keys: Mapping[str, tuple[str, ...]]
    ignoring: tuple[str, ...]
    than: str = "after one run"
    given: str = GIVEN


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One sink that is not what one run leaves.

    Attributes:
        service: The sink's service.
        sink: Its name.
        lines: What differs, as lines of plain text; the first names the sink.
    """

    service: str
    sink: str
    lines: tuple[str, ...]


def columns_of(keys: Mapping[str, str | Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    """The keys of sinks, as tests give them, each as its columns."""
    return {
        name: (key,) if isinstance(key, str) else tuple(key) for name, key in (keys or {}).items()
    }


def check_sinks(named: Iterable[str], written: Sequence[str], *, pipeline: str) -> None:
    """Refuse what a test says of a sink that a pipeline does not write.

    Args:
        named: The sinks that the test names.
        written: The sinks that were written.
        pipeline: The pipeline's uuid.

    Raises:
        InputError: One is not among those that were written.
    """
    for name in named:
        if name not in written:
            raise InputError(
                f"pipeline {pipeline} wrote no sink {name}",
                evidence=[f"written: {one}" for one in nearest(name, written) or written],
                remedy="name it as expectations do: schema.table, bucket/object or dataset.table",
            )


def differences(
    stack: Stack,
    expected: World,
    *,
    before: Sequence[Sink],
    plan: Comparison,
) -> Iterator[Difference]:
    """Hold what the services hold now against what one run left.

    Args:
        stack: The services.
        expected: What one run left.
        before: The inventory before the run, that of the seeds.
        plan: How data is compared.
    """
    found = written(stack, before, also=expected.contents)
    yield from between(expected, found, plan=plan)


def between(expected: World, found: World, *, plan: Comparison) -> Iterator[Difference]:
    """Hold what one run left against what another one left, wherever each of them was.

    Args:
        expected: What the one left.
        found: What the other left.
        plan: How data is compared.
    """
    for place, content in expected.contents.items():
        now = found.contents.get(place)
        if now is None:
            yield _of(content, f"is not there, and is {plan.than}")
        else:
            lines = tuple(_changed(content, now, plan))
            if lines:
                yield Difference(service=now.sink.service, sink=now.sink.name, lines=lines)
    for place, content in found.contents.items():
        if place not in expected.contents:
            yield _of(content, f"was written, and is not {plan.than}")


def _of(content: Content, text: str) -> Difference:
    sink = content.sink
    return Difference(service=sink.service, sink=sink.name, lines=(f"{content.label} {text}",))


def _changed(content: Content, found: Content, plan: Comparison) -> Iterator[str]:
    yield from _columns(content, found, plan)
    if content.table is None or found.table is None:
        both = content.table is None and found.table is None
        if not both or content.digest != found.digest:
            yield f"{found.label}: other content than {plan.than}"
        return
    key = plan.keys.get(content.sink.name)
    ignored = [name for name in plan.ignoring if name in content.table.column_names]
    try:
        Target(found.subject).equals(content.table, key=key, ignoring=ignored)
    except CheckFailedError as error:
        yield from str(error).replace(GIVEN, plan.given).splitlines()


def _columns(expected: Content, found: Content, plan: Comparison) -> Iterator[str]:
    """Types in the service's own terms; which columns there are is told with the rows."""
    kinds = {column.name: column.type for column in expected.sink.columns}
    changed = [
        f"{column.name}: {kinds[column.name]} became {column.type}"
        for column in found.sink.columns
        if kinds.get(column.name, column.type) != column.type
    ]
    if changed:
        yield f"{found.label}: columns of another type than {plan.than}"
        yield from (f"  {line}" for line in changed)
