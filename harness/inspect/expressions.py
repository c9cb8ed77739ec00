"""What an expression stands for, as far as its source tells."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

from harness.inspect.naming import Scope, attribute, bind, each
from harness.inspect.spelling import as_texts, formatted, joined
from harness.inspect.texts import percent, subscripted
from harness.inspect.values import (
    Argument,
    Constant,
    Function,
    Items,
    Mapping,
    OneOf,
    Text,
    Thing,
    Value,
    alternatives,
    one_of,
    text,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class Expressions:
    """Reads expressions.

    Args:
        call: Follows a call of a value with arguments.
        item: Follows ``base[key]`` of something that is only named.
    """

    def __init__(
        self,
        call: Callable[[ast.Call, Value, Sequence[Argument], Scope], Value],
        item: Callable[[ast.Subscript, Thing, Value, Scope], Value],
    ) -> None:
        self._call = call
        self._item = item

    def value(self, node: ast.expr, scope: Scope) -> Value:  # noqa: C901, PLR0911 - a case a kind
        """What an expression stands for.

        Args:
            node: The expression.
            scope: The names that it sees.
        """
        match node:
            case ast.Constant(value=str(plain)):
                return text(plain)
            case ast.Constant(value=constant):
                return Constant(constant)
            case ast.Name(id=name):
                return scope.get(name)
            case ast.JoinedStr():
                return joined(self._part(part, scope) for part in node.values)
            case ast.Attribute():
                return one_of(
                    attribute(one, node.attr) for one in alternatives(self.value(node.value, scope))
                )
            case ast.Call():
                return self._called(node, scope)
            case ast.BinOp():
                return self._operation(node, scope)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.List() | ast.Tuple() | ast.Set():
                return self._items(node.elts, scope)
            case ast.Dict():
                return self._mapping(node, scope)
            case _:
                return self._other(node, scope)

    def _other(self, node: ast.expr, scope: Scope) -> Value:  # noqa: C901, PLR0911 - a case a kind
        match node:
            case ast.IfExp(body=body, orelse=orelse, test=test):
                self.value(test, scope)
                return one_of([self.value(body, scope), self.value(orelse, scope)])
            case ast.BoolOp(op=ast.Or(), values=values):
                return one_of([self.value(one, scope) for one in values])
            case ast.Await(value=inner) | ast.Starred(value=inner):
                return self.value(inner, scope)
            case ast.NamedExpr(target=ast.Name(id=name), value=inner):
                scope.names[name] = self.value(inner, scope)
                return scope.names[name]
            case ast.Lambda():
                outer = {**scope.outer, **scope.names}
                return Function(node=node, module=scope.module, outer=outer)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return Items(self._comprehension(node.elt, node.generators, scope))
            case ast.DictComp():
                self._comprehension(node.value, node.generators, scope)
                return unknown()
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return Constant(-number)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child, scope)
                return unknown()

    def _part(self, node: ast.expr, scope: Scope) -> list[Text]:
        """A part of an f-string, in all its alternatives."""
        if not isinstance(node, ast.FormattedValue):
            return as_texts(self.value(node, scope))
        value = self.value(node.value, scope)
        spec = node.format_spec
        if not isinstance(spec, ast.JoinedStr):
            return as_texts(value, node.value)
        written = self.value(spec, scope)
        plain = written.shown if isinstance(written, Text) and not written.holes else ""
        return [
            part
            for one in alternatives(value)
            for part in (
                [_with_spec(one, plain)]
                if isinstance(one, Constant)
                else [formatted(each, plain) for each in as_texts(one, node.value)]
            )
        ]

    def _called(self, node: ast.Call, scope: Scope) -> Value:
        given: list[Argument] = []
        for plain in node.args:
            value = self.value(plain, scope)
            if isinstance(plain, ast.Starred):
                known = isinstance(value, Items)
                values = value.values if isinstance(value, Items) else ()
                given += [Argument(one) for one in values] if known else [Argument(unknown(), "*")]
            else:
                given.append(Argument(value))
        for word in node.keywords:
            value = self.value(word.value, scope)
            if word.arg is not None:
                given.append(Argument(value, word.arg))
            elif isinstance(value, Mapping):
                given += [Argument(one, name) for name, one in value.values.items()]
            else:
                given.append(Argument(value, "**"))
        return self._call(node, self.value(node.func, scope), given, scope)

    def _operation(self, node: ast.BinOp, scope: Scope) -> Value:  # noqa: PLR0911 - a case a kind
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        match node.op, left, right:
            case _, Constant(value=int() as one), Constant(value=int() as other):
                try:
                    return Constant(_ARITHMETIC[type(node.op)](one, other))
                except (KeyError, ArithmeticError, ValueError):
                    return unknown()
            case ast.Add(), Items(), Items():
                return Items([*left.values, *right.values])
            case ast.Mod(), Text(), _:
                return percent(left, right)
            case ast.Add(), _, _ if _textual(left) or _textual(right):
                return joined([as_texts(left, node.left), as_texts(right, node.right)])
            case ast.Div(), _, _ if _textual(left) or _textual(right):
                parts = [as_texts(left, node.left), [text("/")], as_texts(right, node.right)]
                return joined(parts)
            case _:
                return unknown()

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        base, key = self.value(node.value, scope), self.value(node.slice, scope)
        return one_of(
            self._item(node, one, key, scope) if isinstance(one, Thing) else subscripted(one, key)
            for one in alternatives(base)
        )

    def _items(self, nodes: Sequence[ast.expr], scope: Scope) -> Items:
        made = Items()
        for node in nodes:
            value = self.value(node, scope)
            if isinstance(node, ast.Starred) and isinstance(value, Items):
                made.values += value.values
                made.known = made.known and value.known
            else:
                made.values.append(value)
                made.known = made.known and not isinstance(node, ast.Starred)
        return made

    def _mapping(self, node: ast.Dict, scope: Scope) -> Mapping:
        made = Mapping()
        for key, value in zip(node.keys, node.values, strict=True):
            found = self.value(value, scope)
            if key is None:
                made.values |= found.values if isinstance(found, Mapping) else {}
                continue
            for name in as_texts(self.value(key, scope), key):
                made.values[name.shown] = found
        return made

    def _comprehension(
        self, element: ast.expr, generators: list[ast.comprehension], scope: Scope
    ) -> list[Value]:
        if not generators:
            return [self.value(element, scope)]
        first, *rest = generators
        found: list[Value] = []
        inner = Scope(scope.module, dict(scope.names), scope.outer)
        for one in each(self.value(first.iter, scope)) or [unknown()]:
            bind(first.target, one, inner)
            for condition in first.ifs:
                self.value(condition, inner)
            found += self._comprehension(element, rest, inner)
        return found


def _textual(value: Value) -> bool:
    return isinstance(value, Text) or (
        isinstance(value, OneOf) and any(isinstance(one, Text) for one in value.values)
    )


def _with_spec(value: Constant, spec: str) -> Text:
    try:
        return text(format(value.value, spec))
    except (ValueError, TypeError):
        return text(str(value.value))
