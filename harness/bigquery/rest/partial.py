"""Partial answers: only the fields that a call asks for.

The grammar of ``fields`` is that of "Partial responses" in Google's guides to its APIs: names
parted by commas, ``a/b`` and ``a(b,c)`` for what is within, ``*`` for any name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from harness.bigquery.rest.api import Call, Reply

    # What is within a field, by its name; empty where all of it is meant.
    Mask = dict[str, "Mask"]

_REFUSED = 400
_TOKEN = re.compile(r"\s*([A-Za-z_*][\w.$-]*|[,/()])\s*")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a call wants its answer.

    Attributes:
        mask: The fields that it asks for; empty for all.
        pretty: Whether a reader is to like it.
    """

    mask: Mask
    pretty: bool

    def of(self, answer: Reply) -> Reply:
        """The answer in this shape."""
        # An error is told whole.
        todo = {} if answer.partial or answer.status >= _REFUSED else self.mask
        if not answer.body or not (todo or self.pretty):
            return answer
        content = chosen(json.loads(answer.body), todo)
        return replace(answer, body=json.dumps(content, indent=2 if self.pretty else None).encode())


def shape_of(call: Call) -> Shape:
    """The shape that ``fields``, ``alt`` and ``prettyPrint`` want.

    Raises:
        ApiError: One of them is malformed.
    """
    if call.query.get("alt", "json") != "json":
        raise ApiError("invalidParameter", f"Invalid value for alt: {call.query['alt']}")
    pretty = call.query.get("prettyPrint", "").lower() in ("true", "1")
    return Shape(mask=mask_of(call), pretty=pretty)


def mask_of(call: Call) -> Mask:
    """What ``fields`` asks for; empty for all.

    Raises:
        ApiError: It is malformed.
    """
    text = call.query.get("fields", "").strip()
    if not text:
        return {}
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise _invalid(text)
    try:
        mask = _list(tokens)
    except IndexError:
        raise _invalid(text) from None
    if tokens:
        raise _invalid(text)
    return mask


def chosen(content: Any, mask: Mask) -> Any:
    """The part of a JSON value that a mask names; of a list, that of each item."""
    if not mask:
        return content
    if isinstance(content, list):
        return [chosen(one, mask) for one in content]
    if not isinstance(content, dict):
        return content
    every = mask.get("*")
    found = {}
    for name, value in content.items():
        inner = mask.get(name, every)
        if inner is not None:
            found[name] = chosen(value, inner)
    return found


def _list(tokens: list[str]) -> Mask:
    """Read names parted by commas, up to the end or a closing parenthesis."""
    mask: Mask = {}
    while True:
        name, inner = _path(tokens)
        mask[name] = {**mask.get(name, {}), **inner} if inner else {}
        if not tokens or tokens[0] != ",":
            return mask
        tokens.pop(0)


def _path(tokens: list[str]) -> tuple[str, Mask]:
    name = tokens.pop(0)
    if name in ",/()":
        raise IndexError
    if tokens and tokens[0] == "/":
        tokens.pop(0)
        below, inner = _path(tokens)
        return name, {below: inner}
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        inner = _list(tokens)
        if tokens.pop(0) != ")":
            raise IndexError
        return name, inner
    return name, {}


def _invalid(text: str) -> ApiError:
    return ApiError("invalidParameter", f"Invalid field selection {text}", location="fields")
