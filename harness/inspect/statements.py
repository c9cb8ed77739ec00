"""Statements, followed in the order in which Python would carry them out."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.inspect.clients.call import Sighting
from harness.inspect.naming import Scope, bind, each
from harness.inspect.spelling import as_texts
from harness.inspect.values import (
    Class,
    Constant,
    Function,
    Mapping,
    Object,
    Text,
    Thing,
    Value,
    alternatives,
    one_of,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from harness.inspect.expressions import Expressions
    from harness.inspect.importing import Imports

_MOST_STEPS = 20_000
_FAILURES = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


@dataclass(eq=False)
class Frame:
    """A function that is being followed.

    Attributes:
        node: Its definition.
        returned: What its ``return`` statements give.
        yielded: What its ``yield`` statements give.
    """

    node: ast.AST
    returned: list[Value] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)


class Statements:
    """Follows statements.

    Args:
        read: Reads expressions.
        imports: Follows imports.
        see: Given each sighting with its file and line.
    """

    def __init__(
        self, read: Expressions, imports: Imports, see: Callable[[Sighting, Path, int], None]
    ) -> None:
        self.frames: list[Frame] = []
        self._read = read
        self._imports = imports
        self._see = see
        self._steps = 0

    @property
    def given_up(self) -> bool:
        """Whether there was more than could be followed."""
        return self._steps > _MOST_STEPS

    def follow(self, nodes: Sequence[ast.stmt], scope: Scope) -> None:
        """Follow statements, one after the other.

        Args:
            nodes: The statements.
            scope: The names that they see, and change.
        """
        for node in nodes:
            self._steps += 1
            if self.given_up:
                return
            self._statement(node, scope)

    def _statement(self, node: ast.stmt, scope: Scope) -> None:  # noqa: C901, PLR0912 - a case a kind
        match node:
            case ast.Assign(targets=targets, value=value):
                made = self._read.value(value, scope)
                for target in targets:
                    self._assign(target, made, scope, node.lineno)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self._read.value(value, scope), scope, node.lineno)
            case ast.AugAssign(target=target, op=op, value=value) if isinstance(target, ast.Name):
                left = ast.copy_location(ast.Name(target.id, ast.Load()), node)
                both = ast.copy_location(ast.BinOp(left, op, value), node)
                scope.names[target.id] = self._read.value(both, scope)
            case ast.Expr(value=ast.Yield(value=ast.expr() as value)):
                made = self._read.value(value, scope)
                if self.frames:
                    self.frames[-1].yielded.append(made)
            case ast.Expr(value=value):
                self._read.value(value, scope)
            case ast.Return(value=value):
                made = self._read.value(value, scope) if value else Constant(None)
                if self.frames:
                    self.frames[-1].returned.append(made)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                outer = {**scope.outer, **scope.names} if self.frames else {}
                scope.names[node.name] = Function(node, scope.module, outer=outer)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._imports.follow(node, scope)
            case _:
                self._compound(node, scope)

    def _compound(self, node: ast.stmt, scope: Scope) -> None:  # noqa: C901 - a case a kind
        match node:
            case ast.If():
                self._if(node, scope)
            case ast.For() | ast.AsyncFor():
                self._loop(node, scope)
            case ast.While():
                self._forget_counters(node, scope)
                self._read.value(node.test, scope)
                self.follow(node.body, scope)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    made = self._read.value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        bind(item.optional_vars, made, scope)
                self.follow(node.body, scope)
            case ast.Try() | ast.TryStar():
                tried = any(_may_fail(one) for one in node.handlers)
                self._imports.tried += tried
                self.follow(node.body, scope)
                self._imports.tried -= tried
                for handler in node.handlers:
                    self._branch([handler.body], scope)
                self.follow([*node.orelse, *node.finalbody], scope)
            case ast.Match():
                self._branch([case.body for case in node.cases], scope)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._read.value(child, scope)

    def _if(self, node: ast.If, scope: Scope) -> None:
        self._read.value(node.test, scope)
        if "__name__" in ast.unparse(node.test):
            return
        self._branch([node.body, node.orelse], scope, always=True)

    def _branch(
        self, bodies: Sequence[list[ast.stmt]], scope: Scope, *, always: bool = False
    ) -> None:
        """Follow bodies, one of which runs, or none; a name is then one of what it may be."""
        before = dict(scope.names)
        results = [] if always else [before]
        for body in bodies:
            scope.names.clear()
            scope.names.update(before)
            self.follow(body, scope)
            if not (body and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue)):
                results.append(dict(scope.names))
        scope.names.clear()
        for name in dict.fromkeys(name for names in results or [before] for name in names):
            found = [names[name] for names in results or [before] if name in names]
            scope.names[name] = one_of(found) if len(found) > 1 else found[0]

    def _loop(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        values = each(self._read.value(node.iter, scope))
        if not values:
            self._forget_counters(node, scope)
        for value in values or [unknown(ast.unparse(node.target))]:
            bind(node.target, value, scope)
            self.follow(node.body, scope)
        self.follow(node.orelse, scope)

    @staticmethod
    def _forget_counters(loop: ast.AST, scope: Scope) -> None:
        """What a loop counts is not known within it."""
        for node in ast.walk(loop):
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                scope.names[node.target.id] = unknown(node.target.id)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope(scope.module, {}, {**scope.outer, **scope.names})
        self.follow(node.body, inner)
        bases = tuple(self._read.value(base, scope) for base in node.bases)
        scope.names[node.name] = Class(node.name, inner.names, bases)

    def _assign(self, target: ast.expr, value: Value, scope: Scope, line: int) -> None:
        match target:
            case ast.Attribute(value=base, attr=name):
                for one in alternatives(self._read.value(base, scope)):
                    if isinstance(one, Object):
                        one.attributes[name] = value
            case ast.Subscript(value=base, slice=key):
                named = as_texts(self._read.value(key, scope), key)
                for one in alternatives(self._read.value(base, scope)):
                    if isinstance(one, Mapping):
                        one.values |= {name.shown: value for name in named}
                    elif isinstance(one, Thing) and one.path == "os.environ":
                        self._set_variable(named, value, scope, line)
            case _:
                bind(target, value, scope)

    def _set_variable(self, names: list[Text], value: Value, scope: Scope, line: int) -> None:
        for name in names:
            found = Sighting(kind="environment", name=name, access="writes", client="os.environ")
            self._see(found, scope.module.file, line)
            if name.shown == "GOOGLE_APPLICATION_CREDENTIALS":
                for path in as_texts(value):
                    key = Sighting(
                        kind="secret",
                        name=path,
                        access="reads",
                        client=name.shown,
                        detail="key file",
                    )
                    self._see(key, scope.module.file, line)


def _may_fail(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches an import that fails."""
    kind = handler.type
    caught = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or ast.unparse(one) in _FAILURES for one in caught)
