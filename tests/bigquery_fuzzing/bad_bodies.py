"""Bodies and query strings that are damaged, made from good ones."""

from __future__ import annotations

import copy
import json

from tests.bigquery_fuzzing.calls import QUERIES

SCALARS = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    -(2**63),
    1e308,
    "",
    " ",
    "x",
    "0",
    "-1",
    "1e3",
    "a.b",
    "d",
    "t",
    "t$20240101",
    "t$x",
    "$",
    "DAY",
    "RECORD",
    "STRING",
    "NUMERIC(1,2)",
    "GEOGRAPHY",
    "REPEATED",
    "INT64",
    "é'\"`;--\\\n",
    "\x00",
    "\ud800",
    "x" * 70_000,
    "٣",
    "NaN",
    "1" * 400,
    "<deep>",
)
# What no Python value can be made to hold.
_DEEP = b'{"fields":[' * 3000 + b"]}" * 3000


def junk(random, depth=0):
    """Any value that JSON can have."""
    kind = random.randrange(8 if depth < 4 else 6)
    if kind == 6:
        return [junk(random, depth + 1) for _ in range(random.randrange(4))]
    if kind == 7:
        keys = ("name", "type", "fields", "query", "value", "x", "")
        return {random.choice(keys): junk(random, depth + 1) for _ in range(random.randrange(4))}
    return random.choice(SCALARS)


def spoiled(random, body):
    """A body with one to three parts replaced, left out or doubled."""
    body = copy.deepcopy(body)
    for _ in range(random.randrange(1, 4)):
        holder, key = random.choice(list(_places(body)) or [(None, None)])
        if holder is None:
            return junk(random)
        action = random.randrange(5)
        if action == 0:
            del holder[key]
        elif action == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = junk(random)
    return body


def _places(value):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(items):
        yield value, key
        if isinstance(part, dict | list):
            yield from _places(part)


def as_bytes(body):
    """JSON, some of it nested deeper than any reader follows."""
    return json.dumps(body).encode().replace(b'"<deep>"', _DEEP)


def parameters(random):
    """A query string of known names and any values."""
    names = [random.choice(QUERIES) for _ in range(random.randrange(4))]
    values = ("", "0", "-1", "x", "1", "99999999999999999999", "true", "a,b", "%00", "%ff", "²")
    return "&".join(f"{name}={random.choice(values)}" for name in names)
