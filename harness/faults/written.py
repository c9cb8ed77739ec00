"""A fault as text, for a command line or a file: the very declaration that a test makes.

``gcs(503, times=2, block=taxi_data_to_gcs)``: literals only, and a name that stands alone is a
text. It is read as Python's syntax, and nothing of it is evaluated.
"""

from __future__ import annotations

import ast
import inspect
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_type_hints

from harness.errors import InputError
from harness.faults.declared import Faults, How
from harness.faults.fault import CLOCK, DISK, MAGE, Fault
from harness.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KNOWN = ("gcs", "bigquery", "s3", "http", "postgres", "killed", "disk_full", "clock")
"""The methods of ``Faults`` that declare one."""
_LONGEST = 1_000
_HTTP = "http"
_USUAL = Fault(service="", what="")
_EXAMPLE = "gcs(503, times=2, block=taxi_data_to_gcs)"


@dataclass(frozen=True, kw_only=True)
class Written:
    """A fault that was read, and is not declared yet.

    Attributes:
        text: As it was written.
        method: The method of ``Faults``.
        arguments: What that gets, by name.
    """

    text: str
    method: str
    arguments: Mapping[str, Any]

    def declare(self, faults: Faults) -> None:
        """Declare it.

        Args:
            faults: Of the session whose runs meet it.

        Raises:
            InputError: There is no such trouble, block or service of the harness's own.
            EnvironmentNotAbleError: A service cannot be started.
        """
        getattr(faults, self.method)(**self.arguments)


def read(text: str) -> Written:
    """Read a fault.

    Args:
        text: Such as ``gcs(503, times=2, block=taxi_data_to_gcs)``.

    Raises:
        InputError: It is no declaration of a known fault.
    """
    try:
        method, given, named = _call(text)
        signature = _signature(method)
        bound = signature.bind(*given, **named)
        for name, value in bound.arguments.items():
            _check_kind(name, value, signature.parameters[name].annotation)
    except (TypeError, ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise InputError(
            f"{text[:_LONGEST]!r} is no fault",
            cause=str(error),
            evidence=[f"known: {', '.join(KNOWN)}"],
            remedy=f"write it as a test declares it, such as {_EXAMPLE!r}; all are in "
            "docs/faults.md",
        ) from error
    return Written(text=text, method=method, arguments=dict(bound.arguments))


def text_of(fault: Fault) -> str:
    """The declaration of a fault, to be read again.

    Args:
        fault: The fault.
    """
    how = {
        name: value
        for name in ("block", "times", "after", "containing", "seconds", "size")
        if (value := getattr(fault, name)) != getattr(_USUAL, name)
    }
    first: tuple[Any, ...] = (int(fault.what) if fault.status else fault.what,)
    method = fault.service
    if fault.service in (MAGE, CLOCK):
        method = "killed" if fault.service == MAGE else CLOCK
        first = first if fault.service == CLOCK else ()
        how = {"block": fault.block, "at": fault.containing, "nth": fault.after + 1}
    elif fault.service == DISK:
        method, first = "disk_full", ()
    elif fault.service == _HTTP:
        first = (how.pop("containing", ""), *first)
    words = [*map(repr, first), *(f"{name}={value!r}" for name, value in how.items())]
    return f"{method}({', '.join(words)})"


def left(fault: Fault) -> Fault:
    """What of a fault has not come yet.

    Args:
        fault: One that has not come as often as declared.
    """
    return replace(fault, times=fault.times - fault.met, after=max(fault.after - fault.passed, 0))


def _call(text: str) -> tuple[str, list[Any], dict[str, Any]]:
    if len(text) > _LONGEST:
        raise ValueError(f"it has more than {_LONGEST} characters")
    with warnings.catch_warnings():
        # What Python would only frown upon, such as a backslash that escapes nothing.
        warnings.simplefilter("error")
        found = ast.parse(text.strip(), mode="eval").body
    if not isinstance(found, ast.Call) or not isinstance(found.func, ast.Name):
        raise TypeError("it is no name with arguments in parentheses")
    method = found.func.id
    if method not in KNOWN:
        near = meant(method, KNOWN)
        raise ValueError(f"there is no fault {method}" + (f": is it {near}?" if near else ""))
    named = {}
    for one in found.keywords:
        if one.arg is None:
            raise TypeError("it has ** in it")
        if one.arg in named:
            raise TypeError(f"{one.arg} is given twice")
        named[one.arg] = _value(one.value)
    return method, [_value(one) for one in found.args], named


def _value(node: ast.expr) -> str | int | float:
    """A literal, or a name that stands for itself."""
    if isinstance(node, ast.Name):
        return node.id
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, sign = node.operand, -1
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return sign * value
    if isinstance(value, str) and sign == 1:
        return value
    raise TypeError(f"{ast.unparse(node)[:80]} is neither a text nor a number")


def _signature(method: str) -> inspect.Signature:
    """The parameters of a method, each with its type; those of ``How`` are listed."""
    function: Callable[..., None] = getattr(Faults, method)
    hints = get_type_hints(function)
    _self, *parameters = inspect.signature(function).parameters.values()
    listed = [
        one.replace(annotation=hints[one.name])
        for one in parameters
        if one.kind != inspect.Parameter.VAR_KEYWORD
    ]
    if len(listed) < len(parameters):
        # What `http` looks for in a call is the URL.
        more = {name: kind for name, kind in get_type_hints(How).items() if name != "containing"}
        more |= {} if method == _HTTP else {"containing": str}
        listed += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for name, kind in more.items()
        ]
    return inspect.Signature(listed)


def _check_kind(name: str, value: object, kind: Any) -> None:
    numbers = (int, float) if kind is float else kind
    if not isinstance(value, numbers):
        raise TypeError(f"{name} takes {_words(kind)}, and not {value!r}")


def _words(kind: Any) -> str:
    return {str: "a text", int: "a whole number", float: "a number"}.get(kind, "a text or a number")
