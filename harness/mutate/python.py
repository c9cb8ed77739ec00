"""The mutants of a Python file: which places are looked at, and what is not changed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.mutate.change import mutant
from harness.mutate.operators import PYTHON
from harness.mutate.pysource import PySource, parsed
from harness.mutate.sql import changes_of_literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.mutate.change import Change, Mutant
    from harness.mutate.columns import Columns

_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
# What is written for readers, or only runs where something is wrong.
_PASSED_BY = (ast.Import, ast.ImportFrom, ast.Raise, ast.Assert, ast.JoinedStr, ast.ExceptHandler)


def mutants_of_python(text: str, *, file: Path, block: str, columns: Columns) -> list[Mutant]:
    """Each small change of a file that is still Python, in the order of its lines.

    Args:
        text: The file's text.
        file: The file, relative to the project.
        block: The block whose code it is; empty for a module.
        columns: The columns that its frames have.
    """
    try:
        source = PySource(text)
    except SyntaxError:
        return []
    found: dict[str, Mutant] = {}
    for node in _places(source.tree, _only_of_tests(source.tree)):
        for change in _changes(node, source, columns):
            after = source.with_piece(change.start, change.end, change.new)
            if after != text and after not in found and _is_python(after):
                found[after] = mutant(
                    change,
                    file=file,
                    block=block,
                    text=text,
                    after=after,
                    statement=source.statement(text.count("\n", 0, change.start) + 1),
                )
    return sorted(found.values(), key=lambda one: one.line)


def _changes(node: ast.AST, source: PySource, columns: Columns) -> Iterator[Change]:
    for find in PYTHON:
        yield from find(node, source, columns)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        start, end = source.span(node)
        yield from changes_of_literal(source.text[start:end], start=start, columns=columns)


def _places(node: ast.AST, others: frozenset[str]) -> Iterator[ast.AST]:
    """The nodes below one that are code of a pipeline; ``others`` are names for tests alone."""
    for child in _children(node):
        if isinstance(child, _PASSED_BY) or _is_scaffold(child, others):
            continue
        yield child
        yield from _places(child, others)


def _only_of_tests(tree: ast.Module) -> frozenset[str]:
    """Names that the block's own tests use, and nothing else does."""
    tests = [node for node in tree.body if _is_test(node)]
    used = _names(*tests)
    return used - _names(*(node for node in tree.body if node not in tests))


def _names(*nodes: ast.AST) -> frozenset[str]:
    return frozenset(
        one.id
        for node in nodes
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    )


def _children(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            defaults = [one for one in node.args.kw_defaults if one is not None]
            yield from (*node.args.defaults, *defaults, *node.body)
        case ast.ClassDef():
            yield from node.body
        case ast.AnnAssign():
            yield from (one for one in (node.target, node.value) if one is not None)
        case ast.Dict():
            # Keys name what is looked up, such as the types of columns; their values are mixed up.
            yield from node.values
        case ast.keyword(arg="axis") | ast.Subscript(value=ast.Name(id="kwargs")):
            return
        case _:
            yield from ast.iter_child_nodes(node)


def _is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        _called(one) == "test" for one in node.decorator_list
    )


def _is_scaffold(node: ast.AST, others: frozenset[str]) -> bool:
    """Whether it is for Mage, for tests or for readers."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _is_test(node)
        case ast.If(test=test):
            return any(
                isinstance(one, ast.Name) and one.id in {"globals", "__name__", "TYPE_CHECKING"}
                for one in ast.walk(test)
            )
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=called)):
            return _called(called) in {"print", *_LOGGING}
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name.startswith("__") or name in others
        case _:
            return False


def _called(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=called):
            return _called(called)
        case _:
            return ""


def _is_python(text: str) -> bool:
    try:
        parsed(text)
    except SyntaxError:
        return False
    return True
