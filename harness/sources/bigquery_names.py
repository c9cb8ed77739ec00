"""Which tables a request to BigQuery names, and what it does with them. Bytes in, names out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from harness.sources.statements import emptied, mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.gates.wire_http import Request
    from harness.sources.statements import Mention

_PATH = re.compile(
    r"/projects/(?P<project>[^/]+)/datasets/(?P<dataset>[^/]+)"
    r"(?:/tables/(?P<table>[^/:]+)(?P<rest>/data)?)?"
)
_GRPC = re.compile(r"projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)(/.*)?", re.DOTALL)
_PARENT = b"\x0a"
"""The first field of a message as text: in those that write, the table."""
_URI = re.compile(rb"gs://[^\"\\\s]+")
_WHOLE = 3
"""Parts of a name with its project."""


@dataclass(frozen=True)
class Named:
    """A table that is named.

    Attributes:
        project: Its project.
        dataset: Its dataset.
        table: Its name, a wildcard, or empty for the dataset alone.
        rows: Whether rows of it may be looked at; else only its shape.
    """

    project: str
    dataset: str
    table: str
    rows: bool


@dataclass
class Asked:
    """What a request is about.

    Attributes:
        tables: The tables that it names.
        emptied: Those, as ``dataset.table``, whose rows it throws away.
        replaced: Those that it puts others in place of.
        uris: The ``gs://`` URIs that it names.
    """

    tables: list[Named] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    uris: list[str] = field(default_factory=list)


def asked_by(request: Request, *, home: str) -> Asked:
    """What a request is about.

    Args:
        request: The request.
        home: The project of names without one.
    """
    asked = Asked(uris=[uri.decode("utf-8", "replace") for uri in _URI.findall(request.body)])
    if request.method == "GRPC":
        asked.tables += _in_messages(request.body)
        return asked
    found = _PATH.search(unquote(urlsplit(request.target).path))
    if found is not None:
        table = _undecorated(found["table"] or "")
        rows = bool(found["rest"])
        asked.tables.append(Named(found["project"], found["dataset"], table, rows=rows))
    body = _document(request.body)
    configuration = body.get("configuration") or {"query": body}
    for job in ("query", "load", "copy", "extract"):
        part = configuration.get(job)
        if isinstance(part, dict):
            _job(asked, part, home=home)
    return asked


def _in_messages(body: bytes) -> Iterator[Named]:
    """The tables that protocol buffers name: a text has its field and its length before it."""
    for start in (found.start() for found in re.finditer(b"projects/", body)):
        length, field = _length_before(body, start)
        found = _GRPC.fullmatch(body[start : start + length].decode("utf-8", "replace"))
        # A text that is not whole yet comes again with the next bytes.
        if found is not None and start + length <= len(body):
            project, dataset, table, _ = found.groups()
            yield Named(project, dataset, table, rows=field != _PARENT)


def _length_before(body: bytes, start: int) -> tuple[int, bytes]:
    """The length that stands before a text, of one byte or two, and the byte before it."""
    last = body[start - 1] if start else 0
    if start > 1 and body[start - 2] & 0x80:
        return (last << 7) | (body[start - 2] & 0x7F), body[start - 3 : start - 2]
    return last, body[max(start - 2, 0) : max(start - 1, 0)]


def _job(asked: Asked, part: Mapping[str, Any], *, home: str) -> None:
    if isinstance(part.get("query"), str):
        default = (part.get("defaultDataset") or {}).get("datasetId", "")
        _statement(asked, part["query"], home=home, default=default)
    target = part.get("destinationTable")
    for one, rows in [
        (target, False),
        *((source, True) for source in part.get("sourceTables") or [part.get("sourceTable")]),
    ]:
        if isinstance(one, dict) and one.get("datasetId"):
            table = _undecorated(str(one.get("tableId", "")))
            named = Named(one.get("projectId", home), str(one["datasetId"]), table, rows=rows)
            asked.tables.append(named)
    if isinstance(target, dict) and part.get("writeDisposition") == "WRITE_TRUNCATE":
        asked.replaced.append(f"{target.get('datasetId')}.{target.get('tableId')}")


def _statement(asked: Asked, text: str, *, home: str, default: str) -> None:
    asked.emptied += [".".join(parts[-2:]) for parts in emptied(text)]
    names = mentions(text)
    found = list(_qualified(names, home))
    datasets = {default, *(one.dataset for one in found)} - {""}
    # A name alone is one of the default dataset's, or a value that a catalogue is asked for.
    found += [
        Named(home, dataset, one.parts[0], rows=one.rows and dataset == default)
        for one in names
        if len(one.parts) == 1
        for dataset in datasets
    ]
    asked.tables += found


def _qualified(names: Iterable[Mention], home: str) -> Iterator[Named]:
    for one in names:
        parts = one.parts
        if len(parts) >= _WHOLE and (parts[0] == home or "-" in parts[0]):
            yield Named(parts[0], parts[1], parts[2], rows=one.rows)
        elif len(parts) > 1:
            yield Named(home, parts[0], parts[1], rows=one.rows)


def _undecorated(table: str) -> str:
    return table.partition("$")[0].partition("@")[0]


def _document(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a body, or of the first part of one that has several; else empty."""
    start = body.find(b"{")
    try:
        text = body[start:].decode("utf-8", "replace") if start >= 0 else ""
        found, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
