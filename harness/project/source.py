"""What a Python block's file means to Mage, read without running it.

Mage runs the text of the file in a namespace where the names ``test``, ``preprocesser`` and the
block's own type are decorators that collect functions (``Block._execute_block``). The decorators of
the same names in ``mage_ai.data_preparation.decorators`` do nothing. So what matters is which of
the two a decorator's name stands for at the place where it is used.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

DECORATORS = "mage_ai.data_preparation.decorators"

# Decorators that Mage lets a file call: ``@callback('failure')``.
_CALLED = frozenset({"callback"})
# Each run looks at its pipeline's blocks several times; trees take much memory.
_KEPT = 64
Origin = Literal["collecting", "inert", "module", "function", "other"]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Decorated:
    """A function of the file with a decorator that is meant for Mage.

    Attributes:
        node: The function.
        decorator: The name of Mage's decorator, such as ``test`` or ``data_loader``.
        origin: ``collecting`` where Mage gets the function; otherwise what the decorator's name
            stands for there, and Mage never sees the function.
        line: The decorator's line.
    """

    node: Function
    decorator: str
    origin: Origin
    line: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """A Python block's file.

    Attributes:
        text: The text.
        tree: The syntax tree, or None where the text is not Python.
        error: Why it is not.
        error_line: The line of the error.
        decorated: The functions with decorators meant for Mage, in order.
    """

    text: str
    tree: ast.Module | None
    error: str = ""
    error_line: int | None = None
    decorated: tuple[Decorated, ...] = ()

    def collected(self, decorator: str) -> tuple[Decorated, ...]:
        """The functions that Mage gets by a decorator, in order."""
        return tuple(
            found
            for found in self.decorated
            if found.decorator == decorator and found.origin == "collecting"
        )

    def tests(self) -> tuple[Decorated, ...]:
        """All functions meant as tests, whether or not Mage gets them."""
        return tuple(found for found in self.decorated if found.decorator == "test")


@lru_cache(_KEPT)
def read_source(text: str, *, kind: str) -> Source:
    """Read a Python block.

    It is the same one for the same text: look at its tree, and leave it as it is.

    Args:
        text: The file's text.
        kind: The block's type, or rather the decorator of it that Mage puts into the file's
            namespace: that of a block of type ``conditional`` is ``condition``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        return Source(text=text, tree=None, error=error.msg, error_line=error.lineno)
    except (ValueError, RecursionError, MemoryError) as error:
        return Source(text=text, tree=None, error=str(error) or "it is nested too deeply")
    walk = _Walk(kind)
    walk.body(tree.body)
    return Source(text=text, tree=tree, decorated=tuple(walk.found))


class _Walk:
    """Follows the bindings of the module's names from top to bottom."""

    def __init__(self, kind: str) -> None:
        self._wanted = {"test", "preprocesser", kind}
        self._names: dict[str, tuple[Origin, str]] = {
            name: ("collecting", name) for name in self._wanted
        }
        self.found: list[Decorated] = []

    def body(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.ImportFrom():
                self._import_from(node)
            case ast.Import():
                self._import(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.ClassDef():
                self._names[node.name] = ("other", node.name)
            case ast.If():
                self._if(node)
            case ast.Try() | ast.TryStar():
                # The handlers run only if something fails.
                for part in (node.body, node.orelse, node.finalbody):
                    self.body(part)
            case ast.With() | ast.AsyncWith() | ast.For() | ast.AsyncFor() | ast.While():
                self.body(node.body)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._names[name] = self._meaning(value)
            case _:
                pass

    def _import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name
            if node.module == DECORATORS and alias.name == "*":
                self._names.update({wanted: ("inert", wanted) for wanted in self._wanted})
            elif node.module == DECORATORS:
                self._names[name] = ("inert", alias.name)
            elif f"{node.module}.{alias.name}" == DECORATORS:
                self._names[name] = ("module", name)
            else:
                self._names[name] = ("other", name)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name == DECORATORS and alias.asname:
                self._names[alias.asname] = ("module", alias.asname)
            else:
                name = alias.asname or alias.name.split(".")[0]
                self._names[name] = ("other", name)

    def _if(self, node: ast.If) -> None:
        truth = self._truth(node.test)
        if truth is True:
            self.body(node.body)
        elif truth is False:
            self.body(node.orelse)

    def _truth(self, test: ast.expr) -> bool | None:
        """Whether the condition holds in Mage; None where that cannot be seen."""
        match test:
            case ast.Constant(value=value):
                return bool(value)
            case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
                return False
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._truth(operand)
                return None if inner is None else not inner
            case ast.Compare(
                left=ast.Constant(value=str(name)),
                ops=[(ast.In() | ast.NotIn()) as operator],
                comparators=[ast.Call(func=ast.Name(id="globals" | "locals" | "dir" | "vars"))],
            ):
                return (name in self._names) == isinstance(operator, ast.In)
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id="globals")), attr="get"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                return name in self._names
            case _:
                return None

    def _function(self, node: Function) -> None:
        for expression in node.decorator_list:
            decorator = self._without_call(expression)
            origin, name = self._meaning(decorator)
            written = decorator.id if isinstance(decorator, ast.Name) else name
            if origin in {"collecting", "inert"} and name in self._wanted:
                self._add(node, name, origin, decorator.lineno)
            elif origin in {"function", "other"} and written in self._wanted:
                self._add(node, written, origin, decorator.lineno)
        self._names[node.name] = ("function", node.name)

    def _without_call(self, expression: ast.expr) -> ast.expr:
        match expression:
            case ast.Call(func=ast.Name(id=name) as function) if name in _CALLED & self._wanted:
                return function
            case _:
                return expression

    def _meaning(self, expression: ast.expr) -> tuple[Origin, str]:
        match expression:
            case ast.Name(id=name):
                return self._names.get(name, ("other", name))
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                if self._names.get(name, ("other", ""))[0] == "module":
                    return ("inert", attribute)
            case ast.Attribute(attr=attribute) if _dotted(expression) == (
                f"{DECORATORS}.{attribute}"
            ):
                return ("inert", attribute)
            case _:
                pass
        return ("other", "")

    def _add(self, node: Function, decorator: str, origin: Origin, line: int) -> None:
        self.found.append(Decorated(node=node, decorator=decorator, origin=origin, line=line))


def _dotted(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{_dotted(value)}.{attribute}"
        case _:
            return ""
