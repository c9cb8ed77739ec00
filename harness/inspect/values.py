"""Values as far as the source tells them: texts with holes, and things that are only named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# More alternatives than these are one hole: nobody reads a list of hundreds.
MOST = 36


@dataclass(frozen=True)
class Hole:
    """A part of a text that is known only while the block runs.

    Attributes:
        name: The name or expression that it is called in the source.
        variable: The runtime variable that fills it, or an empty string.
        environment: The variable of the environment that fills it, or an empty string.
        default: What fills it where nothing else does; None where that is not known.
        spec: Python's format specification, such as ``02d``.
    """

    name: str
    variable: str = ""
    default: object = None
    spec: str = ""
    environment: str = ""


@dataclass(frozen=True)
class Text:
    """A text, with holes."""

    parts: tuple[str | Hole, ...]

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Its holes, in order."""
        return tuple(part for part in self.parts if isinstance(part, Hole))

    @property
    def shown(self) -> str:
        """The text, with each hole as ``{name}``."""
        return "".join(p if isinstance(p, str) else f"{{{p.name}}}" for p in self.parts)


@dataclass(frozen=True)
class Constant:
    """A number, truth value, None or bytes; texts are ``Text``."""

    value: object


@dataclass(frozen=True)
class Argument:
    """An argument of a call: by place or, with a name, by keyword."""

    value: Value
    name: str = ""


@dataclass(frozen=True)
class Thing:
    """Something of a library, by the way that the source came to it.

    Attributes:
        path: Its dotted name with ``()`` for each call: ``google.cloud.storage.Client().bucket()``.
            What is not known begins with ``?``.
        calls: The arguments of each call of the path, in order.
        name: What the source calls it, for a hole.
        hole: What it is in a text, where more is known than its name.
    """

    path: str
    calls: tuple[tuple[Argument, ...], ...] = ()
    name: str = ""
    hole: Hole | None = None


@dataclass(eq=False)
class Items:
    """A list or tuple; ``known`` is False once it may hold others."""

    values: list[Value] = field(default_factory=list)
    known: bool = True


@dataclass(eq=False)
class Mapping:
    """A dictionary by its texts, in order."""

    values: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Function:
    """A function of the project.

    Attributes:
        node: Its definition.
        module: The module that it is defined in.
        bound: The object whose method it is.
        outer: The names around it, for a function in a function.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    module: Module
    bound: Value | None = None
    outer: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Class:
    """A class of the project."""

    name: str
    methods: dict[str, Value]
    bases: tuple[Value, ...]


@dataclass(eq=False)
class Object:
    """An instance of a class of the project."""

    of: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Module:
    """A file of the project.

    Attributes:
        file: Relative to the project.
        names: Its names and their values.
    """

    file: Path
    names: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False)
class OneOf:
    """Several values, one of which it is."""

    values: tuple[Value, ...]


Value = Text | Constant | Thing | Items | Mapping | Function | Class | Object | Module | OneOf


def text(plain: str) -> Text:
    """A text without holes."""
    return Text((plain,))


def unknown(name: str = "") -> Thing:
    """What nothing is known of but its name in the source."""
    return Thing(path="?", name=name)


def one_of(values: Iterable[Value]) -> Value:
    """One of several values; themselves where they are one, and unknown where they are too many."""
    flat: list[Value] = []
    for value in values:
        for one in alternatives(value):
            if not any(same(one, other) for other in flat):
                flat.append(one)
    if len(flat) == 1:
        return flat[0]
    known = [one for one in flat if not (isinstance(one, Constant) and one.value is None)]
    if len(known) == 1:
        return known[0]
    return OneOf(tuple(known)) if 0 < len(known) <= MOST else unknown()


def alternatives(value: Value) -> Iterator[Value]:
    """What a value may be, one by one."""
    if isinstance(value, OneOf):
        yield from value.values
    else:
        yield value


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same as far as can be seen."""
    if one is other:
        return True
    return type(one) is type(other) and isinstance(one, Text | Constant | Thing) and one == other
