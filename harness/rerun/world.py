"""What all services hold at one moment, kept so that a later moment can be held against it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from harness.expect.subject import Subject, label_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import pyarrow as pa

    from harness.running.session import Session
    from harness.services.protocol import Objects, Sink
    from harness.services.stack import Stack

_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Content:
    """One sink with all that is in it.

    Attributes:
        sink: The sink.
        table: Its rows; None where the content is not tabular.
        digest: The sha256 of content that is not tabular, else an empty string.
        title: What a message calls it; empty for its service and name.
    """

    sink: Sink
    table: pa.Table | None
    digest: str
    title: str = ""

    @property
    def label(self) -> str:
        """What a message calls it."""
        return self.title or label_of(self.sink)

    @property
    def subject(self) -> Subject:
        """It as the subject of an expectation, wherever the service is by now."""
        return Subject(source=_Kept(self), sinks=(self.sink,), label=self.label)


class _Kept:
    """Content as a source of expectations."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def inventory(self) -> Sequence[Sink]:
        """Its sink alone."""
        return [self._content.sink]

    def describe(self, _name: str) -> Sink:
        """Its sink."""
        return self._content.sink

    def read(self, _name: str) -> pa.Table:
        """All rows, which the content must have."""
        return cast("pa.Table", self._content.table)

    def partitions(self, _name: str) -> Mapping[str, int]:
        """None: they are not kept."""
        return {}


@dataclass(frozen=True, kw_only=True)
class World:
    """The sinks that a run wrote, by service and name.

    Attributes:
        contents: The sinks that are not as they were before the run.
    """

    contents: Mapping[tuple[str, str], Content]

    @property
    def names(self) -> list[str]:
        """The names of the sinks."""
        return [name for _, name in self.contents]


def fresh(session: Session, pipeline: str) -> list[Sink]:
    """Empty the services, put the seeds into them, and say what they hold then.

    Args:
        session: Whose services they are.
        pipeline: The pipeline that is to run, whose services are started.
    """
    session.reset()
    session.check(pipeline)
    session.plant()
    return session.stack.inventory()


def written(
    stack: Stack, before: Iterable[Sink], *, also: Collection[tuple[str, str]] = ()
) -> World:
    """Look at what was written since a moment.

    Args:
        stack: The services.
        before: Their inventory at that moment.
        also: Sinks that are looked at where they are as they were, by service and name.
    """
    known = {(sink.service, sink.name): sink for sink in before}
    now = {(sink.service, sink.name): sink for sink in stack.inventory()}
    return World(
        contents={
            place: _content(stack, sink)
            for place, sink in now.items()
            if known.get(place) != sink or place in also
        }
    )


def untouched(stack: Stack, before: Sequence[Sink]) -> bool:
    """Whether nothing was written since a moment.

    Args:
        stack: The services.
        before: Their inventory at that moment.
    """
    return list(stack.inventory()) == list(before)


def digest(stack: Stack, sink: Sink) -> str:
    """The sha256 of an object."""
    total = hashlib.sha256()
    objects = cast("Objects", stack.services[sink.service])
    with objects.filesystem().open_input_stream(sink.name) as stream:
        while chunk := stream.read(_CHUNK):
            total.update(chunk)
    return total.hexdigest()


def _content(stack: Stack, sink: Sink) -> Content:
    if sink.rows is None:
        return Content(sink=sink, table=None, digest=digest(stack, sink))
    return Content(sink=sink, table=stack.services[sink.service].read(sink.name), digest="")
