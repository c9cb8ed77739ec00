"""The differences between what was recorded and what an origin says now, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.drift.facts import Facts


def changes(recorded: Facts, live: Facts) -> tuple[str, ...]:
    """What has changed, the gravest first; nothing where all is as it was.

    Args:
        recorded: What the recordings say.
        live: What the origin says.
    """
    if live.why:
        return (f"it cannot be asked: {live.why}",)
    return tuple(_changes(recorded, live))


def _changes(recorded: Facts, live: Facts) -> Iterator[str]:
    if live.status != recorded.status:
        yield f"status {recorded.status} became {live.status}"
    was, now = _hosts(recorded), _hosts(live)
    if was != now:
        yield f"it moved: {' -> '.join(was)} became {' -> '.join(now)}"
    elif recorded.hops[-1] != live.hops[-1] and live.status == recorded.status:
        yield f"it leads to {live.hops[-1]} in place of {recorded.hops[-1]}"
    if live.status != recorded.status:
        return
    if recorded.content_type != live.content_type:
        yield f"content-type {recorded.content_type or 'none'} became {live.content_type or 'none'}"
    yield from _columns(recorded.columns, live.columns)
    if recorded.etag and recorded.etag == live.etag:
        return
    if recorded.size is not None and live.size is not None and recorded.size != live.size:
        yield f"{recorded.size:,} bytes became {live.size:,}"
    elif recorded.etag and live.etag:
        yield f"the content is another: ETag {recorded.etag} became {live.etag}"
    elif recorded.last_modified and recorded.last_modified != live.last_modified:
        yield f"it was changed: {live.last_modified or 'no Last-Modified any more'}"


def _columns(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    if not was or not now:
        if was and not now:
            yield f"{counted(len(was), 'column')} became no table that can be read"
        return
    for name in was:
        if name not in now:
            yield f"column {name} ({was[name]}) is gone"
        elif was[name] != now[name]:
            yield f"column {name}: {was[name]} became {now[name]}"
    for name in now:
        if name not in was:
            yield f"column {name} ({now[name]}) is new"
    both = [name for name in was if name in now]
    if both != [name for name in now if name in was]:
        yield "the columns stand in another order"


def _hosts(facts: Facts) -> list[str]:
    return [hop.partition("/")[0] for hop in facts.hops]
