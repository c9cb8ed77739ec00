"""From the name that a test gives to what the service holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import ExpectationError, MissingSinkError
from harness.expect.sample import aligned
from harness.expect.subject import Subject, subject_of

if TYPE_CHECKING:
    from harness.expect.subject import Source
    from harness.services.protocol import Sink

_SHOWN = 8


def find_objects(source: Source, bucket: str, prefix: str, *, title: str) -> Subject:
    """The object or dataset of this very name, else the union of all whose name starts so.

    Of several, those whose last part starts with ``_`` or ``.`` are passed over, as Arrow, Spark
    and Hive do: they are markers such as ``_SUCCESS``.

    Args:
        source: The service.
        bucket: The bucket.
        prefix: The name, or the start of several.
        title: What messages call the service.

    Raises:
        MissingSinkError: There is none.
        ExpectationError: They have different columns, so that there is no union.
    """
    name = f"{bucket}/{prefix}"
    missing: MissingSinkError | None = None
    if prefix:
        try:
            sink = source.describe(name)
        except MissingSinkError as error:
            missing = error
        else:
            return subject_of(source, sink)
    sinks = [sink for sink in source.inventory() if sink.name.startswith(name)]
    data = [sink for sink in sinks if not _last_part(sink.name).startswith(("_", "."))]
    found = tuple(data or sinks)
    if not found:
        raise missing or MissingSinkError(
            f"there is no object in {title} bucket {bucket}",
            evidence=[f"found: {sink.name}" for sink in source.inventory()[:_SHOWN]],
        )
    if len(found) == 1:
        return subject_of(source, found[0])
    label = f"{title} objects {name}* ({len(found):,})"
    _refuse_different(found, label=label)
    return Subject(source=source, sinks=found, label=label)


def _last_part(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2]


def _refuse_different(sinks: tuple[Sink, ...], *, label: str) -> None:
    """A union of different columns would be nobody's table: say which object differs, and how."""
    first = sinks[0]
    expected = {(column.name, column.type) for column in first.columns}
    rows = []
    for sink in sinks[1:]:
        found = {(column.name, column.type) for column in sink.columns}
        if found != expected:
            less = ", ".join(sorted(f"{name}: {kind}" for name, kind in expected - found))
            more = ", ".join(sorted(f"{name}: {kind}" for name, kind in found - expected))
            rows.append([sink.name, less or "-", more or "-"])
    if rows:
        raise ExpectationError(
            f"{label}: expected the same columns in all, found {len(rows):,} that differ"
            f" from {first.name}",
            evidence=aligned(["object", "only in the first", "only in this one"], rows[:_SHOWN]),
            remedy="give the whole name of one, or a longer prefix",
        )
