"""Names and attributes: what they stand for, and what assignments and loops make of them."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

from harness.inspect.values import (
    MOST,
    Class,
    Function,
    Items,
    Mapping,
    Module,
    Object,
    Thing,
    Value,
    alternatives,
    text,
    unknown,
)

_BUILTINS = frozenset(vars(builtins))


@dataclass(eq=False)
class Scope:
    """The names that an expression sees.

    Attributes:
        module: The file that it stands in.
        names: The names of its function, or of the module.
        outer: Those of the functions around it.
    """

    module: Module
    names: dict[str, Value]
    outer: dict[str, Value] = field(default_factory=dict)

    def get(self, name: str) -> Value:
        """A name's value."""
        for names in (self.names, self.outer, self.module.names):
            if name in names:
                return names[name]
        return Thing(path=name, name=name) if name in _BUILTINS else unknown(name)


def attribute(base: Value, name: str) -> Value:  # noqa: PLR0911 - a case a kind
    """What ``base.name`` stands for."""
    match base:
        case Thing():
            return Thing(path=f"{base.path}.{name}", calls=base.calls, name=base.name)
        case Module():
            return base.names.get(name, unknown(name))
        case Object():
            if name in base.attributes:
                return base.attributes[name]
            method = attribute(base.of, name)
            if isinstance(method, Function):
                return Function(method.node, method.module, bound=base, outer=method.outer)
            return method
        case Class():
            if name in base.methods:
                return base.methods[name]
            inherited = [attribute(one, name) for one in base.bases]
            return next((one for one in inherited if not isinstance(one, Thing)), unknown(name))
        case _:
            return unknown(name)


def each(value: Value) -> list[Value]:
    """What a loop over a value goes through; empty where that is not known or too much."""
    found: list[Value] = []
    for one in alternatives(value):
        match one:
            case Items():
                found += one.values
            case Mapping():
                found += [text(name) for name in one.values]
            case _:
                pass
    return found if len(found) <= MOST else []


def bind(target: ast.expr, value: Value, scope: Scope) -> None:
    """Give names their values, as an assignment does."""
    match target:
        case ast.Name(id=name):
            scope.names[name] = value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            whole = isinstance(value, Items) and len(value.values) == len(parts)
            for number, part in enumerate(parts):
                inner = part.value if isinstance(part, ast.Starred) else part
                one = value.values[number] if whole and isinstance(value, Items) else None
                bind(inner, one or unknown(ast.unparse(inner)), scope)
        case _:
            pass
