"""The parameters of a function, and what a call gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.naming import Scope
from harness.inspect.values import Argument, Function, Items, Mapping, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.inspect.expressions import Expressions


def called_scope(function: Function, given: Sequence[Argument], read: Expressions) -> Scope:
    """The names that a function sees when it begins.

    Args:
        function: The function.
        given: What it is called with.
        read: Reads the defaults of its parameters.
    """
    scope = Scope(function.module, {}, function.outer)
    arguments = function.node.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    plain = [one.value for one in given if not one.name]
    if function.bound is not None:
        plain.insert(0, function.bound)
    outer = Scope(function.module, function.module.names, function.outer)
    defaults = arguments.defaults
    for name, default in zip(names[len(names) - len(defaults) :], defaults, strict=True):
        scope.names[name] = read.value(default, outer)
    for word, default_ in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        scope.names[word.arg] = read.value(default_, outer) if default_ else unknown(word.arg)
    scope.names |= dict(zip(names, plain, strict=False))
    scope.names |= {one.name: one.value for one in given if one.name.isidentifier()}
    scope.names = {**{name: unknown(name) for name in names}, **scope.names}
    if arguments.vararg is not None:
        scope.names[arguments.vararg.arg] = Items(list(plain[len(names) :]), known=False)
    if arguments.kwarg is not None:
        passed = next((one.value for one in given if one.name == "**"), None)
        words = {one.name: one.value for one in given if one.name and one.name not in names}
        scope.names[arguments.kwarg.arg] = passed or Mapping(words)
    return scope
