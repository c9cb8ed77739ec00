"""A call of a library, and what is seen in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.inspect.spelling import as_texts
from harness.inspect.values import Argument, Constant, Text, Thing, Value, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.inspect.model import Access, Kind, Service


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """A use without its place.

    Attributes:
        kind: What it is.
        name: Its name.
        access: Whether it is read, written or opened.
        client: By which library.
        service: What stands in for it.
        detail: What else is known.
        unseen: What cannot be seen there; nothing is used then.
    """

    kind: Kind
    name: Text
    access: Access
    client: str
    service: Service = ""
    detail: str = ""
    unseen: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of something of a library.

    Attributes:
        path: The dotted name, with ``()`` for each call before this one.
        calls: The arguments of each call of the path, this one's last.
    """

    path: str
    calls: tuple[tuple[Argument, ...], ...]

    @property
    def given(self) -> tuple[Argument, ...]:
        """This call's own arguments."""
        return self.calls[-1]

    def value(self, place: int | None, *names: str, at: int = -1) -> Value | None:
        """An argument, or None where it is not given.

        Args:
            place: Its place, counted from 0; None for one that is only named.
            names: The names that it may have.
            at: Which call of the path; this one if not given.
        """
        given = self.calls[at] if -len(self.calls) <= at < len(self.calls) else ()
        for argument in given:
            if argument.name in names:
                return argument.value
        plain = [argument for argument in given if not argument.name]
        return plain[place].value if place is not None and place < len(plain) else None

    def texts(self, place: int | None, *names: str, at: int = -1) -> list[Text]:
        """An argument as texts, in all its alternatives; empty where it is not given or None."""
        value = self.value(place, *names, at=at)
        return [] if value is None else texts_of(value)

    def at(self, name: str) -> int:
        """Which call of the path a name's is, counted from 0; -1 where it is not there.

        Args:
            name: The name before ``()``, such as ``bucket``.
        """
        before = self.path.partition(f"{name}()")
        return before[0].count("()") if before[1] else -1


Look = Callable[[Call, "re.Match[str]"], Iterator[Sighting]]


@dataclass(frozen=True)
class Rule:
    """What calls of a path say.

    Attributes:
        pattern: The paths.
        look: Says it.
    """

    pattern: re.Pattern[str]
    look: Look


def rule(pattern: str) -> Callable[[Look], Rule]:
    """Make a rule of a function.

    Args:
        pattern: The paths of calls that it is for.
    """
    compiled = re.compile(pattern)
    return lambda look: Rule(compiled, look)


def texts_of(value: Value) -> list[Text]:
    """What may name something: texts, and unknown values as holes, but no None and no objects."""
    found: list[Text] = []
    for one in alternatives(value):
        if (
            isinstance(one, Text)
            or (isinstance(one, Thing) and (one.hole or one.path[:1] == "?"))
            or (isinstance(one, Constant) and isinstance(one.value, int | bytes))
        ):
            found += as_texts(one)
    return list(dict.fromkeys(found))


def product(*parts: Iterable[Text], by: str = ".") -> list[Text]:
    """Names of several parts; empty ones are left out.

    Args:
        parts: For each part what it may be.
        by: What stands between them.
    """
    names: list[Text] = [Text(())]
    for part in parts:
        choices = [choice for choice in part if choice.parts != ("",)]
        if choices:
            names = [_behind(before, by, one) for before in names for one in choices]
    return [name for name in names if name.parts]


def _behind(before: Text, by: str, one: Text) -> Text:
    return Text((*before.parts, *((by,) if before.parts else ()), *one.parts))
