"""Calls whose result the source tells: paths, texts, ranges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from harness.inspect.spelling import as_texts, joined
from harness.inspect.values import (
    MOST,
    Constant,
    Hole,
    Items,
    Mapping,
    Text,
    Thing,
    Value,
    one_of,
    text,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.inspect.clients.call import Call
    from harness.inspect.values import Argument

_REPO = re.compile(r"mage_ai\..*\.(?:get_repo_path|base_repo_path)")
_PATHS = re.compile(r"pathlib\.(?:Pure)?(?:Posix)?Path")
_SAME = frozenset(
    [
        "str",
        "list",
        "tuple",
        "sorted",
        "set",
        "reversed",
        "tqdm.tqdm",
        "textwrap.dedent",
        "os.fspath",
        "os.path.abspath",
        "os.path.expanduser",
        "os.path.normpath",
        "os.path.realpath",
        "os.path.expandvars",
        "sqlalchemy.text",
        "sqlalchemy.sql.text",
        "psycopg2.sql.SQL",
    ]
)


def folded(call: Call) -> Value | None:  # noqa: C901, PLR0911 - a case a kind
    """The result of a call, or None where the source does not tell it.

    Args:
        call: The call.
    """
    path, given = call.path, call.given
    if path in _SAME and given:
        value = given[0].value
        return one_of(as_texts(value)) if path == "str" and not isinstance(value, Thing) else value
    if path in ("int", "float") and given:
        return _number(given[0].value)
    if path == "os.path.join" or _PATHS.fullmatch(path):
        return _joined_path(given)
    if _REPO.fullmatch(path):
        return Text((Hole("project folder"),))
    if path in ("os.getcwd", "pathlib.Path.cwd"):
        return Text((Hole("current folder"),))
    if path == "urllib.parse.urljoin" and len(given) > 1:
        first, second = given[0].value, given[1].value
        if isinstance(first, Text) and isinstance(second, Text) and not first.holes + second.holes:
            return text(urljoin(first.shown, second.shown))
    if path == "range":
        return _range(given)
    if path == "enumerate" and given:
        values = given[0].value.values if isinstance(given[0].value, Items) else []
        return Items([Items([Constant(n), one]) for n, one in enumerate(values)])
    if path == "zip" and given and all(isinstance(one.value, Items) for one in given):
        columns = [one.value.values for one in given if isinstance(one.value, Items)]
        return Items([Items(list(row)) for row in zip(*columns, strict=False)])
    if path == "dict" and all(one.name and one.name != "**" for one in given):
        return Mapping({one.name: one.value for one in given})
    return None


def held(base: Items | Mapping, name: str, given: Sequence[Argument]) -> Value:
    """The result of a list's or dictionary's method.

    Args:
        base: The list or dictionary.
        name: The method's name.
        given: Its arguments.
    """
    if isinstance(base, Items):
        if name in ("append", "add") and given and len(base.values) < MOST:
            base.values.append(given[0].value)
        elif name == "extend" and given and isinstance(given[0].value, Items):
            base.values += given[0].value.values
        return unknown()
    if name == "items":
        return Items([Items([text(key), one]) for key, one in base.values.items()])
    if name == "values":
        return Items(list(base.values.values()))
    if name == "keys":
        return Items([text(key) for key in base.values])
    if name == "get" and given and isinstance(given[0].value, Text):
        key = given[0].value.shown
        default = given[1].value if len(given) > 1 else unknown(key)
        return base.values.get(key, default)
    return unknown()


def _number(value: Value) -> Value:
    """A text's number; what is filled at run time stays what it is."""
    if isinstance(value, Text) and not value.holes and value.shown.strip().isdigit():
        return Constant(int(value.shown))
    return value if isinstance(value, Thing | Constant) else unknown()


def _joined_path(given: Sequence[Argument]) -> Value:
    parts: list[list[Text]] = []
    for argument in given:
        plain = isinstance(argument.value, Text) and argument.value.shown.startswith("/")
        if plain:
            parts.clear()  # an absolute part drops what stands before it
        parts += [*([[text("/")]] if parts else []), as_texts(argument.value)]
    return joined(parts) if parts else text(".")


def _range(given: Sequence[Argument]) -> Value:
    numbers = [one.value.value for one in given if isinstance(one.value, Constant)]
    whole = [number for number in numbers if isinstance(number, int)]
    if len(whole) != len(given) or not whole or (len(whole) == 3 and not whole[2]):  # noqa: PLR2004
        return unknown()
    made = range(*whole)
    return Items([Constant(number) for number in made]) if len(made) <= MOST else unknown()
