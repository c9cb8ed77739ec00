"""What was done for a pipeline that its source does not say, for the reader of a run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from harness.plain import counted
from harness.running.dbt import dbt_notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.replay.journal import Exchange

    Events = Iterable[Mapping[str, Any]]


def notes(events: Events) -> list[str]:
    """A line for each kind of help that a run had.

    Args:
        events: The tap's events.
    """
    led = [*_led(events), *_led_to_s3(events), *_led_to_mysql(events)]
    return [*_made(events), *led, *_failed(events), *_troubled(events), *dbt_notes(events)]


def generated(exchanges: Iterable[Exchange], *, since: float) -> list[str]:
    """A line for the made-up files that a run was given, if it was.

    Args:
        exchanges: What was asked for over HTTP.
        since: When the run began, in seconds since the epoch.
    """
    urls = _each(one.url for one in exchanges if one.generated and one.at >= since)
    if not urls:
        return []
    return [f"the data is generated, and no origin gave it: {', '.join(urls)}"]


def _made(events: Events) -> Iterator[str]:
    made = _each(f"the {one['kind']} {one['name']}" for one in _of(events, "store_made"))
    if made:
        yield f"made when the run wrote there, as if production had it: {', '.join(made)}"


def _troubled(events: Events) -> Iterator[str]:
    came = Counter(
        f"{one['service']} {one['what']}" + (f" in {one['block']}" if one["block"] else "")
        for one in _of(events, "fault")
    )
    if came:
        told = (f"{fault} ({counted(count, 'time')})" for fault, count in came.items())
        yield f"declared faults that came: {', '.join(told)}"


def _failed(events: Events) -> Iterator[str]:
    failed = _each(
        f"{one['program']} with status {one['status']} ({one['block']}, line {one['line']})"
        for one in _of(events, "program_failed")
    )
    if failed:
        yield f"programs that ended otherwise than with status 0: {', '.join(failed)}"


def _led(events: Events) -> Iterator[str]:
    led = list(_of(events, "postgres_led"))
    servers = _each(one["server"] for one in led)
    databases = _each(one["database"] for one in led if one["database"])
    if servers:
        yield f"led to the private PostgreSQL: {', '.join(servers)}"
    if len(databases) > 1:
        yield f"one private database stands for {', '.join(databases)}"


def _led_to_s3(events: Events) -> Iterator[str]:
    servers = _each(one["server"] for one in _of(events, "s3_led"))
    if servers:
        yield f"led to the private S3: {', '.join(servers)}"


def _led_to_mysql(events: Events) -> Iterator[str]:
    led = list(_of(events, "mysql_led"))
    servers = _each(one["server"] for one in led if one["server"])
    made = _each(one["made"] for one in led if one["made"])
    if servers:
        yield f"led to the private MySQL: {', '.join(servers)}"
    if made:
        databases = f"the databases {', '.join(made)}"
        yield f"made when the run named them, as if production had them: {databases}"


def _of(events: Events, kind: str) -> Iterator[Mapping[str, Any]]:
    return (event for event in events if event["event"] == kind)


def _each(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
