"""What intervals leave, each where it is the only one: apart from each other, and together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from harness.errors import InputError
from harness.expect.subject import label_of
from harness.plain import counted
from harness.rerun.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.rerun.world import Content
    from harness.services.protocol import Sink
    from harness.services.stack import Stack


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What one interval leaves where it is the only one.

    Attributes:
        interval: The interval, as it is told.
        world: The sinks that it wrote.
        partitions: Rows by partition, of each sink by service and name.
    """

    interval: str
    world: World
    partitions: Mapping[tuple[str, str], Mapping[str, int]]


def alone(stack: Stack, interval: str, world: World) -> Alone:
    """Look at the partitions of what an interval wrote.

    Args:
        stack: The services.
        interval: The interval, as it is told.
        world: The sinks that it wrote.
    """
    return Alone(
        interval=interval,
        world=world,
        partitions={
            place: dict(stack.services[place[0]].partitions(place[1]))
            for place, content in world.contents.items()
            if content.table is not None
        },
    )


def refuse_seeded(world: World, before: Sequence[Sink]) -> None:
    """What an interval adds to rows that were there before cannot be told from them.

    Args:
        world: The sinks that it wrote.
        before: What the services held before.

    Raises:
        InputError: It wrote to one of these.
    """
    known = {(sink.service, sink.name) for sink in before}
    for place, content in world.contents.items():
        if place in known:
            raise InputError(
                f"{label_of(content.sink)} has rows of a seed before an interval writes to it",
                cause="a backfill starts with empty sinks, to tell what each interval adds",
                remedy="leave that seed out of the fixtures of this test",
            )


def not_disjoint(
    intervals: Iterable[Alone], shared: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """Intervals that wrote nothing, and partitions that belong to two of them.

    Args:
        intervals: What each leaves.
        shared: Partitions that several may write, by the sink's name.
    """
    owners: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    sinks = {}
    for one in intervals:
        if not one.world.contents:
            yield f"{one.interval} wrote nothing"
        for (service, name), partitions in one.partitions.items():
            sinks[service, name] = one.world.contents[service, name].sink
            for partition, rows in partitions.items():
                if partition not in shared.get(name, ()):
                    owners[service, name, partition][one.interval] = rows
    for (service, name, partition), of in sorted(owners.items()):
        if len(of) > 1:
            parts = " and ".join(
                f"{interval} ({counted(rows, 'row')})" for interval, rows in of.items()
            )
            yield f"{label_of(sinks[service, name])}: partition {partition} belongs to {parts}"


def united(worlds: Sequence[World]) -> World:
    """What all intervals together have to leave.

    Args:
        worlds: What each leaves.
    """
    places: dict[tuple[str, str], list[Content]] = defaultdict(list)
    for world in worlds:
        for place, content in world.contents.items():
            places[place].append(content)
    return World(contents={place: _joined(parts) for place, parts in places.items()})


def _joined(parts: Sequence[Content]) -> Content:
    tables = [part.table for part in parts if part.table is not None]
    if not tables:
        return parts[-1]
    return replace(parts[0], table=pa.concat_tables(tables, promote_options="permissive"))
