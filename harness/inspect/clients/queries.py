"""Queries as texts: which tables they read and write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.inspect.clients.call import Sighting, texts_of
from harness.inspect.sql import tables
from harness.inspect.sqlobjects import objects
from harness.inspect.values import Hole, Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.model import Service
    from harness.inspect.values import Value

_QUERY = re.compile(
    r"\s*(?:select|with|insert|update|delete|create|merge|copy|truncate|drop|alter)\s",
    re.IGNORECASE,
)
_LONGEST = 60


def queried(
    value: Value | None, *, client: str, service: Service, dialect: str = "", detail: str = ""
) -> Iterator[Sighting]:
    """The tables of a query, and the objects of Cloud Storage that it names.

    Args:
        value: The query.
        client: Who sends it.
        service: The service of its tables.
        dialect: The database's name; the service if not given.
        detail: What else is known.
    """
    for query in texts_of(value) if value is not None else ():
        found = tables(query, dialect or service)
        if found is None:
            if service or _QUERY.match(query.shown):
                yield unread(query, client=client)
            continue
        if not found and not any(isinstance(part, str) and part.strip() for part in query.parts):
            # The whole query comes from elsewhere.
            found = [("reads", Text((Hole(f"tables of {query.shown.strip('{}')}"),)))]
        for access, name in found:
            yield Sighting(
                kind="table",
                name=name if name.parts else text(""),
                access=access,
                client=client,
                service=service,
                detail=detail,
            )
        for access, name in objects(query):
            yield Sighting(kind="object", name=name, access=access, client=client, service="gcs")


def unread(query: Text, *, client: str) -> Sighting:
    """That a query's tables cannot be seen.

    Args:
        query: The query, which is not valid in its database's grammar as far as that is known.
        client: Who sends it.
    """
    shown = " ".join(query.shown.split())
    short = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."
    return Sighting(
        kind="table",
        name=text(""),
        access="reads",
        client=client,
        unseen=f"the tables of SQL that cannot be read: {short}",
    )
