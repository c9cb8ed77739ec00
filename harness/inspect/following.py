"""A block's code, followed as Python would run it: statements, functions and imports."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.inspect.clients import sightings
from harness.inspect.clients.call import Call, Sighting
from harness.inspect.expressions import Expressions, Scope, attribute, bind, each
from harness.inspect.folding import folded, held
from harness.inspect.modules import module_file, tree_of
from harness.inspect.texts import method
from harness.inspect.values import (
    Argument,
    Class,
    Constant,
    Function,
    Hole,
    Items,
    Mapping,
    Module,
    Object,
    Text,
    Thing,
    Value,
    alternatives,
    as_texts,
    one_of,
    text,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from harness.project.model import Project

_DEEPEST = 12
_MOST_STEPS = 20_000
_CALLED = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(eq=False)
class _Frame:
    """A function that is being followed."""

    node: ast.AST
    returned: list[Value] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)


class Follower:
    """Follows one block.

    Args:
        project: The project.
        see: Given each sighting with its file and line.
    """

    def __init__(self, project: Project, see: Callable[[Sighting, Path, int], None]) -> None:
        self._project = project
        self._see = see
        self._modules: dict[Path, Module] = {}
        self._frames: list[_Frame] = []
        self._steps = 0
        self._read = Expressions(self._called, self._item)

    @property
    def given_up(self) -> bool:
        """Whether there was more than could be followed."""
        return self._steps > _MOST_STEPS

    def file(self, file: Path) -> bool:
        """Follow a block's file and each function that is decorated in it.

        Args:
            file: The file, relative to the project.

        Returns:
            Whether it is Python.
        """
        module = self._module(file)
        tree = tree_of(self._project, file)
        if tree is None:
            return False
        for node in tree.body:
            function = module.names.get(node.name) if isinstance(node, _CALLED) else None
            if isinstance(node, _CALLED) and node.decorator_list and isinstance(function, Function):
                self._function(function, [Argument(Thing("mage.kwargs"), "**")])
        return True

    def _module(self, file: Path) -> Module:
        if file not in self._modules:
            module = self._modules[file] = Module(file=file)
            tree = tree_of(self._project, file)
            if tree is not None:
                self._body(tree.body, Scope(module, module.names))
        return self._modules[file]

    def _body(self, nodes: Sequence[ast.stmt], scope: Scope) -> None:
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
                if self._frames:
                    self._frames[-1].yielded.append(made)
            case ast.Expr(value=value):
                self._read.value(value, scope)
            case ast.Return(value=value):
                made = self._read.value(value, scope) if value else Constant(None)
                if self._frames:
                    self._frames[-1].returned.append(made)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                outer = {**scope.outer, **scope.names} if self._frames else {}
                scope.names[node.name] = Function(node, scope.module, outer=outer)
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
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
                self._body(node.body, scope)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    made = self._read.value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        bind(item.optional_vars, made, scope)
                self._body(node.body, scope)
            case ast.Try() | ast.TryStar():
                self._body(node.body, scope)
                for handler in node.handlers:
                    self._branch([handler.body], scope)
                self._body([*node.orelse, *node.finalbody], scope)
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
            self._body(body, scope)
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
            self._body(node.body, scope)
        self._body(node.orelse, scope)

    @staticmethod
    def _forget_counters(loop: ast.AST, scope: Scope) -> None:
        """What a loop counts is not known within it."""
        for node in ast.walk(loop):
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                scope.names[node.target.id] = unknown(node.target.id)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope(scope.module, {}, {**scope.outer, **scope.names})
        self._body(node.body, inner)
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

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                file = module_file(self._project, alias.name)
                whole: Value = self._module(file) if file else Thing(alias.name)
                if file is None:
                    self._package(alias.name, scope, node.lineno)
                if alias.asname or "." not in alias.name:
                    scope.names[alias.asname or alias.name] = whole
                else:
                    first = alias.name.split(".")[0]
                    scope.names[first] = Thing(first, name=first)
            return
        name = node.module or ""
        for alias in node.names:
            scope.names[alias.asname or alias.name] = self._imported(node, name, alias.name, scope)

    def _imported(self, node: ast.ImportFrom, module: str, name: str, scope: Scope) -> Value:
        of, level = scope.module.file, node.level
        inner = module_file(self._project, f"{module}.{name}", level=level, of=of)
        file = module_file(self._project, module, level=level, of=of) if module or level else None
        if inner is not None and inner != file:
            return self._module(inner)
        if file is not None:
            found = self._module(file)
            if name == "*":
                scope.names.update(found.names)
            return attribute(found, name)
        if not level:
            self._package(module, scope, node.lineno)
        return Thing(f"{module}.{name}", name=name)

    def _package(self, name: str, scope: Scope, line: int) -> None:
        first = name.split(".", maxsplit=1)[0]
        if first and first not in sys.stdlib_module_names and first != "mage_ai":
            top = ".".join(name.split(".")[:2]) if first == "google" else first
            found = Sighting(kind="package", name=text(top), access="reads", client="import")
            self._see(found, scope.module.file, line)

    def _item(self, node: ast.Subscript, base: Thing, key: Value, scope: Scope) -> Value:
        for name in as_texts(key, node.slice) if base.path in ("os.environ", "mage.kwargs") else ():
            kwargs = base.path == "mage.kwargs"
            if isinstance(node.ctx, ast.Load):
                found = Sighting(
                    kind="variable" if kwargs else "environment",
                    name=name,
                    access="reads",
                    client="kwargs" if kwargs else "os.environ",
                )
                self._see(found, scope.module.file, node.lineno)
            return Thing("?", name=name.shown, hole=_hole(name, runtime=kwargs))
        return Thing(f"{base.path}[]", calls=base.calls, name=ast.unparse(node))

    def _called(
        self, node: ast.Call, function: Value, given: Sequence[Argument], scope: Scope
    ) -> Value:
        if isinstance(node.func, ast.Attribute):
            base = self._method_base(node.func, scope)
            if isinstance(base, Text):
                return self._text_method(node, base, given, scope)
            if isinstance(base, Items | Mapping):
                return held(base, node.func.attr, given)
        return one_of(self._one(node, one, given, scope) for one in alternatives(function))

    def _method_base(self, node: ast.Attribute, scope: Scope) -> Value | None:
        """A text or list before a method: read again without what its own calls say."""
        see, self._see = self._see, lambda *_: None
        try:
            return self._read.value(node.value, scope) if self._plain(node.value, scope) else None
        finally:
            self._see = see

    def _plain(self, node: ast.expr, scope: Scope) -> bool:
        """Whether reading an expression twice changes nothing and is cheap."""
        calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
        return len(calls) <= 1 and not any(
            isinstance(one.func, ast.Name) and isinstance(scope.get(one.func.id), Function)
            for one in calls
        )

    def _text_method(
        self, node: ast.Call, base: Text, given: Sequence[Argument], scope: Scope
    ) -> Value:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        call = Call(path=f"str.{name}", calls=((Argument(base),), tuple(given)))
        self._look(call, scope, node.lineno)
        return method(base, name, given)

    def _one(
        self, node: ast.Call, function: Value, given: Sequence[Argument], scope: Scope
    ) -> Value:
        if isinstance(function, Function):
            return self._function(function, given)
        if isinstance(function, Class):
            made = Object(function)
            start = attribute(made, "__init__")
            if isinstance(start, Function):
                self._function(start, given)
            return made
        for argument in given:  # what is handed over may be called there
            if isinstance(argument.value, Function):
                self._function(argument.value, [])
        if not isinstance(function, Thing):
            return unknown()
        call = Call(path=function.path, calls=(*function.calls, tuple(given)))
        self._look(call, scope, node.lineno)
        result = folded(call)
        if result is not None:
            return result
        return Thing(f"{call.path}()", calls=call.calls, name=function.name, hole=_filled(call))

    def _look(self, call: Call, scope: Scope, line: int) -> None:
        for found in sightings(call):
            self._see(found, scope.module.file, line)

    def _function(self, function: Function, given: Sequence[Argument]) -> Value:
        node = function.node
        open_ = sum(frame.node is node for frame in self._frames)
        if open_ or len(self._frames) >= _DEEPEST or self.given_up:
            return unknown(getattr(node, "name", ""))
        scope = Scope(function.module, {}, function.outer)
        self._parameters(function, given, scope)
        self._frames.append(_Frame(node))
        try:
            if isinstance(node, ast.Lambda):
                return self._read.value(node.body, scope)
            self._body(node.body, scope)
            frame = self._frames[-1]
        finally:
            self._frames.pop()
        if frame.yielded:
            return Items(frame.yielded)
        return one_of(frame.returned) if frame.returned else Constant(None)

    def _parameters(self, function: Function, given: Sequence[Argument], scope: Scope) -> None:
        arguments = function.node.args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        plain = [one.value for one in given if not one.name]
        if function.bound is not None:
            plain.insert(0, function.bound)
        outer = Scope(function.module, function.module.names, function.outer)
        defaults = arguments.defaults
        for name, default in zip(names[len(names) - len(defaults) :], defaults, strict=True):
            scope.names[name] = self._read.value(default, outer)
        for word, default_ in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            scope.names[word.arg] = (
                self._read.value(default_, outer) if default_ else unknown(word.arg)
            )
        scope.names |= dict(zip(names, plain, strict=False))
        scope.names |= {one.name: one.value for one in given if one.name.isidentifier()}
        scope.names = {**{name: unknown(name) for name in names}, **scope.names}
        if arguments.vararg is not None:
            scope.names[arguments.vararg.arg] = Items(list(plain[len(names) :]), known=False)
        if arguments.kwarg is not None:
            passed = next((one.value for one in given if one.name == "**"), None)
            words = {one.name: one.value for one in given if one.name and one.name not in names}
            scope.names[arguments.kwarg.arg] = passed or Mapping(words)


def _filled(call: Call) -> Hole | None:
    """The hole that a variable or secret is in a text."""
    runtime = call.path == "mage.kwargs.get" or call.path.endswith("get_global_variable")
    known = runtime or call.path in ("os.getenv", "os.environ.get")
    if not known and not call.path.endswith("get_secret_value"):
        return None
    names = call.texts(1 if call.path.endswith("get_global_variable") else 0)
    default = call.value(1, "default") if call.path.endswith(("get", "getenv")) else None
    return _hole(names[0], runtime=runtime, default=default) if names else None


def _hole(name: Text, *, runtime: bool, default: Value | None = None) -> Hole:
    fill: object = None
    if isinstance(default, Text) and not default.holes:
        fill = default.shown
    elif isinstance(default, Constant):
        fill = default.value
    return Hole(name.shown, variable=name.shown if runtime else "", default=fill)
