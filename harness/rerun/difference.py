"""How the sinks after one run and after another differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import CheckFailedError, InputError
from harness.expect.subject import label_of, subject_of
from harness.expect.target import Target
from harness.nearest import nearest
from harness.rerun.world import digest

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
    """

    pipeline: str
    keys: Mapping[str, tuple[str, ...]]
    ignoring: tuple[str, ...]


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
    now = {(sink.service, sink.name): sink for sink in stack.inventory()}
    known = {(sink.service, sink.name): sink for sink in before}
    for place, content in expected.contents.items():
        sink = now.pop(place, None)
        if sink is None:
            yield _of(content.sink, "is not there, and is after one run")
        else:
            lines = tuple(_changed(stack, content, sink, plan))
            if lines:
                yield Difference(service=sink.service, sink=sink.name, lines=lines)
    for place, sink in now.items():
        if known.get(place) != sink:
            yield _of(sink, "was written, and is not after one run")


def _of(sink: Sink, text: str) -> Difference:
    return Difference(service=sink.service, sink=sink.name, lines=(f"{label_of(sink)} {text}",))


def _changed(stack: Stack, content: Content, sink: Sink, plan: Comparison) -> Iterator[str]:
    yield from _columns(content.sink, sink)
    if content.table is None or sink.rows is None:
        both = content.table is None and sink.rows is None
        if not both or content.digest != digest(stack, sink):
            yield f"{label_of(sink)}: other content than after one run"
        return
    key = plan.keys.get(content.sink.name)
    ignored = [name for name in plan.ignoring if name in content.table.column_names]
    looked_at = subject_of(stack.services[sink.service], sink)
    try:
        Target(looked_at).equals(content.table, key=key, ignoring=ignored)
    except CheckFailedError as error:
        yield from str(error).splitlines()


def _columns(expected: Sink, found: Sink) -> Iterator[str]:
    """Types in the service's own terms; which columns there are is told with the rows."""
    kinds = {column.name: column.type for column in expected.columns}
    changed = [
        f"{column.name}: {kinds[column.name]} became {column.type}"
        for column in found.columns
        if kinds.get(column.name, column.type) != column.type
    ]
    if changed:
        yield f"{label_of(found)}: columns of another type than after one run"
        yield from (f"  {line}" for line in changed)
