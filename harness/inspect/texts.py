"""What can be done to texts without running anything."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from harness.inspect.spelling import as_texts, formatted, joined
from harness.inspect.values import (
    Argument,
    Constant,
    Hole,
    Items,
    Mapping,
    Text,
    Value,
    one_of,
    text,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_PERCENT = re.compile(r"%(?:\((\w+)\))?([-#0 +]*\d*(?:\.\d+)?)([a-zA-Z%])")
_PLAIN = frozenset(
    [
        "lower",
        "upper",
        "title",
        "capitalize",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "removeprefix",
        "removesuffix",
        "zfill",
        "casefold",
        "split",
        "rsplit",
    ]
)
_UNCHANGED = frozenset(
    [
        "strip",
        "lower",
        "upper",
        "rstrip",
        "lstrip",
        "encode",
        "as_posix",
        "expanduser",
        "resolve",
        "absolute",
    ]
)


def method(base: Text, name: str, given: Sequence[Argument]) -> Value:  # noqa: PLR0911 - a case a kind
    """The result of a text's method.

    Args:
        base: The text.
        name: The method's name.
        given: Its arguments.
    """
    if name == "format":
        return _format(base, given)
    if name == "join" and given and isinstance(given[0].value, Items):
        parts: list[list[Text]] = []
        for value in given[0].value.values:
            parts += [[base], as_texts(value)]
        return joined(parts[1:])
    if name in ("joinpath", "with_name"):
        parts = [[base] if name == "joinpath" else [text("")]]
        for argument in given:
            parts += [[text("/")], as_texts(argument.value)]
        return joined(parts)
    plain = [_plain(argument.value) for argument in given]
    if not base.holes and name in _PLAIN and None not in plain:
        try:
            result = getattr(base.shown, name)(*plain)
        except (TypeError, ValueError):
            return unknown()
        return text(result) if isinstance(result, str) else Items([text(one) for one in result])
    if name == "replace" and None not in plain[:2]:
        old, new = str(plain[0]), str(plain[1])
        return Text(tuple(p.replace(old, new) if isinstance(p, str) else p for p in base.parts))
    return base if name in _UNCHANGED else unknown()


def percent(template: Text, given: Value) -> Value:
    """``template % given``."""
    values = list(given.values) if isinstance(given, Items) else [given]
    named = given.values if isinstance(given, Mapping) else {}
    parts: list[list[Text]] = []
    for part in template.parts:
        if isinstance(part, Hole):
            parts.append([Text((part,))])
            continue
        at = 0
        for found in _PERCENT.finditer(part):
            parts.append([text(part[at : found.start()])])
            at = found.end()
            if found[3] == "%":
                parts.append([text("%")])
                continue
            value = named.get(found[1], unknown(found[1])) if found[1] else None
            value = value or (values.pop(0) if values else unknown())
            parts.append(_specified(value, found[2] + found[3]))
        parts.append([text(part[at:])])
    return joined(parts)


def subscripted(base: Value, key: Value) -> Value:
    """``base[key]``; of a key that is not known, all that it may be."""
    match base, key:
        case Mapping(), Text() if not key.holes:
            return base.values.get(key.shown, unknown(key.shown))
        case Mapping(), Constant():
            return base.values.get(str(key.value), unknown())
        case Mapping(), _:
            return one_of(base.values.values()) if base.values else unknown()
        case Items(), Constant(value=int() as number) if not isinstance(number, bool):
            whole = base.known and -len(base.values) <= number < len(base.values)
            return base.values[number] if whole else unknown()
        case Items(), _:
            return one_of(base.values) if base.values else unknown()
        case _:
            return unknown()


def _format(template: Text, given: Sequence[Argument]) -> Value:
    plain = [argument.value for argument in given if not argument.name]
    named = {argument.name: argument.value for argument in given if argument.name}
    parts: list[list[Text]] = []
    number = 0
    for part in template.parts:
        if isinstance(part, Hole):
            parts.append([Text((part,))])
            continue
        try:
            fields = list(string.Formatter().parse(part))
        except ValueError:
            return template
        for before, name, spec, _ in fields:
            parts.append([text(before)])
            if name is None:
                continue
            key = re.split(r"[.\[]", name)[0] or str(number)
            number += not name
            value = named.get(key)
            if value is None and key.isdigit() and int(key) < len(plain):
                value = plain[int(key)]
            parts.append(_specified(value or unknown(key), spec or ""))
    return joined(parts)


def _specified(value: Value, spec: str) -> list[Text]:
    if isinstance(value, Constant):
        try:
            shown = f"%{spec}" % value.value if spec[-1:].isalpha() else ""
            return [text(shown or format(value.value, spec))]
        except (TypeError, ValueError):
            return [text(str(value.value))]
    return [formatted(one, spec) for one in as_texts(value)]


def _plain(value: Value) -> object:
    if isinstance(value, Text) and not value.holes:
        return value.shown
    return value.value if isinstance(value, Constant) and value.value is not None else None
