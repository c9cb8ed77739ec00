"""A block's code, followed as Python would run it: its functions, and what they call."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.inspect.clients import sightings
from harness.inspect.clients.call import Call, Sighting
from harness.inspect.expressions import Expressions
from harness.inspect.folding import folded, held
from harness.inspect.holes import asked, held_by, hole, listed
from harness.inspect.importing import Imports
from harness.inspect.modules import tree_of
from harness.inspect.naming import Scope, attribute
from harness.inspect.parameters import called_scope
from harness.inspect.spelling import as_texts
from harness.inspect.statements import Frame, Statements
from harness.inspect.texts import method
from harness.inspect.values import (
    Argument,
    Class,
    Constant,
    Function,
    Items,
    Mapping,
    Module,
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
    from collections.abc import Mapping as Named
    from pathlib import Path

    from harness.project.model import Project

REQUIRED = "required"
"""The detail of a variable that a block fails without."""
_DEEPEST = 12
_CALLED = (ast.FunctionDef, ast.AsyncFunctionDef)


class Follower:
    """Follows one block.

    Args:
        project: The project.
        see: Given each sighting with its file and line.
        variables: The pipeline's variables and their values.
    """

    def __init__(
        self,
        project: Project,
        see: Callable[[Sighting, Path, int], None],
        *,
        variables: Named[str, object],
    ) -> None:
        self._project = project
        self._variables = variables
        self._see = see
        self._modules: dict[Path, Module] = {}
        self._read = Expressions(self._called, self._item)
        self._imports = Imports(project, self._module, self._tell)
        self._run = Statements(self._read, self._imports, self._tell)

    @property
    def given_up(self) -> bool:
        """Whether there was more than could be followed."""
        return self._run.given_up

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
                self._run.follow(tree.body, Scope(module, module.names))
        return self._modules[file]

    def _tell(self, found: Sighting, file: Path, line: int) -> None:
        self._see(found, file, line)

    def _item(self, node: ast.Subscript, base: Thing, key: Value, scope: Scope) -> Value:
        for name in as_texts(key, node.slice) if base.path in ("os.environ", "mage.kwargs") else ():
            kwargs = base.path == "mage.kwargs"
            if isinstance(node.ctx, ast.Load):
                found = Sighting(
                    kind="variable" if kwargs else "environment",
                    name=name,
                    access="reads",
                    client="kwargs" if kwargs else "os.environ",
                    detail=REQUIRED,
                )
                self._see(found, scope.module.file, node.lineno)
            whole = held_by(self._variables.get(name.shown)) if kwargs else None
            return whole or Thing("?", name=name.shown, hole=hole(name, runtime=kwargs))
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
        result = folded(call) or listed(call, self._variables)
        if result is not None:
            return result
        return Thing(f"{call.path}()", calls=call.calls, name=function.name, hole=asked(call))

    def _look(self, call: Call, scope: Scope, line: int) -> None:
        for found in sightings(call):
            self._see(found, scope.module.file, line)

    def _function(self, function: Function, given: Sequence[Argument]) -> Value:
        node = function.node
        open_ = sum(frame.node is node for frame in self._run.frames)
        if open_ or len(self._run.frames) >= _DEEPEST or self.given_up:
            return unknown(getattr(node, "name", ""))
        scope = called_scope(function, given, self._read)
        self._run.frames.append(Frame(node))
        try:
            if isinstance(node, ast.Lambda):
                return self._read.value(node.body, scope)
            self._run.follow(node.body, scope)
            frame = self._run.frames[-1]
        finally:
            self._run.frames.pop()
        if frame.yielded:
            return Items(frame.yielded)
        return one_of(frame.returned) if frame.returned else Constant(None)
