"""Queries as texts: which tables they read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.clients.call import Sighting, texts_of
from harness.inspect.sql import tables
from harness.inspect.values import Hole, Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.model import Service
    from harness.inspect.values import Value


def queried(
    value: Value | None, *, client: str, service: Service, dialect: str = "", detail: str = ""
) -> Iterator[Sighting]:
    """The tables of a query.

    Args:
        value: The query.
        client: Who sends it.
        service: The service of its tables.
        dialect: The database's name; the service if not given.
        detail: What else is known.
    """
    for query in texts_of(value) if value is not None else ():
        found = tables(query, dialect or service)
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
