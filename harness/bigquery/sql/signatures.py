"""Which calls fit a function, told in one line for each signature.

A line is ``NAME(TYPE, ...) RESULT: template``. In a template ``{0}`` is an argument, ``{*}`` all
of them and ``{|}`` all put together with ``||``; ``TYPE*`` stands for any number. ``T`` is any
type, the same wherever it stands, and ``[T]`` an ARRAY of it; ``ANY`` is any type, each its own.
``@`` marks where OVER stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import (
    BIGNUMERIC,
    NULL,
    NUMERIC,
    Kind,
    Value,
    array_of,
    coerced,
    common,
    cost,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

# Of NUMERIC the others make a NUMERIC, which DuckDB's own do not.
_FLOAT_ONLY = frozenset(
    (
        *("IS_INF", "IS_NAN", "IEEE_DIVIDE", "CBRT", "CORR", "COVAR_POP", "COVAR_SAMP"),
        *("STDDEV", "STDDEV_POP", "STDDEV_SAMP", "VARIANCE", "VAR_POP", "VAR_SAMP"),
        *("ACOS", "ACOSH", "ASIN", "ASINH", "ATAN", "ATAN2", "ATANH", "COS", "COSH", "COT"),
        *("COTH", "CSC", "CSCH", "SEC", "SECH", "SIN", "SINH", "TAN", "TANH"),
    )
)
_LINE = re.compile(r"([A-Z0-9_.]+)\((.*?)\) ([\w\[\]]+): (.+)")


@dataclass(frozen=True)
class Signature:
    """One way to call a function."""

    name: str
    wanted: tuple[str, ...]
    result: str
    template: str

    def __str__(self) -> str:
        shown = [f"[{one[:-1]}, ...]" if one.endswith("*") else one for one in self.wanted]
        return f"{self.name}({', '.join(shown)})".replace("[T]", "ARRAY<T>")

    def slots(self, count: int) -> tuple[str, ...] | None:
        """What each of ``count`` arguments must be, or None if they are too many or too few."""
        if self.wanted and self.wanted[-1].endswith("*"):
            fixed = self.wanted[:-1]
            if count < len(fixed):
                return None
            return (*fixed, *[self.wanted[-1][:-1]] * (count - len(fixed)))
        return self.wanted if count == len(self.wanted) else None

    def fit(self, values: Sequence[Value]) -> tuple[int, tuple[Kind, ...], Kind] | None:
        """How far the values are from the signature, what they become, and the result."""
        slots = self.slots(len(values))
        if slots is None:
            return None
        generic = [
            value if slot == "T" else Value(value.sql, value.kind.element or NULL, value.literal)
            for slot, value in zip(slots, values, strict=True)
            if slot in ("T", "[T]")
        ]
        shared = common(generic) if generic else NULL
        if shared is None:
            return None
        total, become = 0, []
        for slot, value in zip(slots, values, strict=True):
            kind = _kind(slot, shared) if slot != "ANY" else value.kind
            far = cost(value, kind) if value.kind != kind else 0
            if far is None or (slot == "[T]" and value.kind.name not in ("ARRAY", "NULL")):
                return None
            total += far
            become.append(kind)
        return total, tuple(become), _kind(self.result, shared)


def _kind(name: str, shared: Kind) -> Kind:
    if name == "T":
        return shared
    if name.startswith("["):
        return array_of(_kind(name[1:-1], shared))
    return Kind(name)


def read(*texts: str) -> dict[str, list[Signature]]:
    """Signatures by name, from their lines."""
    table: dict[str, list[Signature]] = {}
    for text in texts:
        for line in filter(str.strip, text.splitlines()):
            found = _LINE.fullmatch(line.strip())
            if found is None:
                raise ValueError(line)
            name, wanted, result, template = found.groups()
            slots = tuple(one.strip() for one in wanted.split(",") if one.strip())
            table.setdefault(name, []).append(Signature(name, slots, result, template))
    return table


def choose(
    name: str, signatures: Sequence[Signature], values: Sequence[Value], *, at: str
) -> tuple[Signature, tuple[str, ...], Kind]:
    """The signature that fits best, the arguments made its types, and the result's type.

    Raises:
        ApiError: None fits.
    """
    fits = [(one.fit(values), one) for one in signatures]
    found = [(fit[0], place, fit, one) for place, (fit, one) in enumerate(fits) if fit]
    if not found:
        raise no_match(f"function {name}", values, at=at, supported=signatures)
    _, _, (_, become, result), best = min(found, key=lambda one: one[:2])
    slots = best.slots(len(values)) or ()
    for slot, value in zip(slots, values, strict=True):
        if (
            slot == "FLOAT64"
            and value.kind in (NUMERIC, BIGNUMERIC)
            and best.name not in _FLOAT_ONLY
        ):
            raise UnsupportedError(f"{name} of {value.kind}{at}")
    arguments = tuple(coerced(value, kind) for value, kind in zip(values, become, strict=True))
    return best, arguments, result


def filled(template: str, arguments: Sequence[str]) -> str:
    """A template with the arguments put in."""

    def put(found: re.Match[str]) -> str:
        if found[1] == "*":
            return ", ".join(arguments)
        if found[1] == "|":
            return " || ".join(arguments)
        return arguments[int(found[1])]

    return re.sub(r"\{(\d|\*|\|)\}", put, template)


def no_match(
    what: str, values: Sequence[Value], *, at: str, supported: Sequence[Signature] = ()
) -> ApiError:
    """BigQuery's refusal of arguments of the wrong types."""
    kinds = ", ".join(str(one.kind) for one in values)
    given = f"for argument types: {kinds}" if values else "with no arguments"
    listed = "; ".join(dict.fromkeys(str(one) for one in supported))
    tail = f". Supported signature{'s' if ';' in listed else ''}: {listed}" if listed else ""
    return ApiError(
        "invalidQuery", f"No matching signature for {what} {given}{tail}{at}", location="query"
    )
