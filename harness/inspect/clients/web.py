"""HTTP: requests, httpx, urllib, aiohttp, wget."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from harness.inspect.clients.call import Call, Sighting, product, rule
from harness.inspect.clients.places import of_place
from harness.inspect.spelling import as_texts
from harness.inspect.values import Mapping, Text, Thing, text

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_CLIENT = r"(?:\.(?:[Ss]ession|Client|AsyncClient|ClientSession|PoolManager|CachedSession)\(\))?"
_LIBRARY = rf"(?P<library>requests|httpx|aiohttp|urllib3|requests_cache|niquests){_CLIENT}"


@rule(rf"{_LIBRARY}\.(?P<verb>get|post|put|patch|delete|head|options|stream)")
def _verb(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    place = 1 if found["verb"] == "stream" else 0
    yield from _asked(call, place, f"{found['library']}.{found['verb']}")


@rule(rf"{_LIBRARY}\.request")
def _request(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    yield from _asked(call, 1, f"{found['library']}.request")


@rule(r"(?P<function>urllib\.request\.(?:urlopen|urlretrieve|Request)|wget\.download)")
def _opened(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    yield from _asked(call, 0, found["function"])
    if found["function"].endswith(("urlretrieve", "download")):
        for name in call.texts(1, "filename", "out"):
            yield of_place(name, "writes", found["function"])


WEB = (_verb, _request, _opened)


def _asked(call: Call, place: int, client: str) -> Iterator[Sighting]:
    value = call.value(place, "url", "fullurl")
    if isinstance(value, Thing) and value.path == "urllib.request.Request()":
        return  # its own call has told it
    for url in as_texts(value) if value is not None else ():
        for name in product([url], _query(call, url), by=""):
            yield Sighting(kind="url", name=name, access="reads", client=client, service="http")


def _query(call: Call, url: Text) -> list[Text]:
    """The query that ``params=`` adds."""
    params = call.value(None, "params")
    if not isinstance(params, Mapping) or not params.values:
        return []
    parts: list[list[Text]] = []
    for name, value in params.values.items():
        mark = "&" if parts or "?" in url.shown else "?"
        parts += [[text(f"{mark}{quote_plus(name)}=")], [_quoted(one) for one in as_texts(value)]]
    return product(*parts, by="")


def _quoted(value: Text) -> Text:
    return Text(tuple(quote_plus(p) if isinstance(p, str) else p for p in value.parts))
