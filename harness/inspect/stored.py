"""Names of tables and objects as contracts and needs write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.inspect.model import Inspection, Use
    from harness.project.model import Pipeline

SERVICES = ("postgres", "gcs", "bigquery", "mysql")
_PARTS = 2
BY_MAGE = "named by Mage"
"""In the detail of a table whose name depends on how Mage is started, and on what it has kept."""
_SURE = re.compile(r"[\w.:/= -]+")
# A database's own, which is there always.
_CATALOGUE = re.compile(r"(?i)(?:^|\.)(?:information_schema|pg_catalog|__tables\w*)(?:\.|$)")


class Sink(NamedTuple):
    """Something that pipelines write and read.

    Attributes:
        service: ``postgres``, ``gcs``, ``bigquery`` or ``mysql``.
        name: ``schema.table``, ``dataset.table``, ``database.table``, ``bucket/object`` or
            ``bucket/folder/``.
    """

    service: str
    name: str


def sink_of(use: Use) -> Sink | None:
    """What a use reads or writes; None where its name is not known, or of no such service.

    The catalogues of a database are none of it: they are always there.

    Args:
        use: The use.
    """
    shown = use.value if use.pattern else use.name
    if use.service not in SERVICES or not _SURE.fullmatch(shown):
        return None
    if use.service == "gcs":
        return _object(shown, folder="dataset" in use.client)
    if _CATALOGUE.search(shown):
        return None
    parts = shown.split(".")
    if not all(parts) or (len(parts) < _PARTS and use.service != "postgres"):
        return None
    parts = ["public", *parts] if len(parts) < _PARTS else parts[-_PARTS:]
    return Sink(use.service, ".".join(parts))


def certain(uses: Iterable[Use]) -> dict[Sink, Use]:
    """What is written whatever way the code takes, each with where it is.

    Of several names at one place, such as those of both ways of an ``if``, any may be the one.
    A table that Mage itself names is left out.

    Args:
        uses: What is written.
    """
    places: dict[tuple[str, str, str], list[Use]] = {}
    for use in uses:
        if BY_MAGE in use.detail:
            continue
        places.setdefault((use.block, use.place, use.client), []).append(use)
    alone = [found[0] for found in places.values() if len({one.name for one in found}) == 1]
    return {sink: use for use in alone if (sink := sink_of(use)) is not None}


def named(uses: Iterable[Use]) -> dict[Sink, Use]:
    """All that may be read or written and whose name is known, each with where it is first.

    Args:
        uses: What is read or written.
    """
    found: dict[Sink, Use] = {}
    for use in uses:
        sink = sink_of(use)
        if sink is not None:
            found.setdefault(sink, use)
    return found


def written_before(pipeline: Pipeline, use: Use, inspection: Inspection) -> dict[Sink, Use]:
    """What a pipeline may have written when a block reads: not what blocks below it write.

    Args:
        pipeline: The pipeline.
        use: What the block reads.
        inspection: What the pipeline's source says.
    """
    blocks = {block.uuid: block for block in pipeline.blocks}
    below: set[str] = set()
    ahead = [use.block]
    while ahead:
        block = blocks.get(ahead.pop())
        more = set(block.downstream) - below if block is not None else set()
        below |= more
        ahead += more
    return named(one for one in inspection.sinks if one.block not in below)


def overlap(one: Sink, other: Sink) -> bool:
    """Whether two names are the same thing, or one is a folder that the other lies in.

    Args:
        one: A sink.
        other: Another.
    """
    if one.service != other.service or one.service != "gcs":
        return one == other
    first, second = sorted((one.name.rstrip("/"), other.name.rstrip("/")), key=len)
    return second == first or second.startswith(f"{first}/")


def _object(shown: str, *, folder: bool) -> Sink | None:
    bucket, slash, key = shown.partition("/")
    key = key.strip("/")
    if not bucket or not slash or not key:
        return None
    whole = not folder and "." in key.rpartition("/")[2]
    return Sink("gcs", f"{bucket}/{key}" if whole else f"{bucket}/{key}/")
