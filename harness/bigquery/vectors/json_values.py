"""JSON values as BigQuery keeps them. Source: "JSON functions" of the reference.

The keys of an object are in order, of equal keys the first counts, and a number is an INT64, a
UINT64 or a FLOAT64.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

_LEAST, _MOST = -(2**63), 2**64
_EXPONENT_FROM, _EXPONENT_TO = 1e15, 1e16


def load(text: str, mode: str = "exact") -> Any:
    """Read a JSON text.

    Args:
        text: The text.
        mode: ``exact`` to refuse a number that would lose digits, or ``round``.

    Raises:
        ValueError: It is no JSON, or a number does not fit.
    """

    def number(digits: str) -> float:
        value = float(digits)
        if math.isinf(value) or (mode == "exact" and not _is_exact(digits, value)):
            message = f"bq:Input number: {digits} cannot round-trip through string representation"
            raise ValueError(message)
        return value

    def whole(digits: str) -> float | int:
        value = int(digits)
        return value if _LEAST <= value < _MOST else number(digits)

    def constant(word: str) -> float:
        message = f"bq:syntax error while parsing value - invalid literal; last read: '{word[0]}'"
        raise ValueError(message)

    try:
        return json.loads(
            text,
            parse_float=number,
            parse_int=whole,
            parse_constant=constant,
            object_pairs_hook=first_of_each,
        )
    except json.JSONDecodeError as error:
        message = "bq:syntax error while parsing value - invalid literal"
        raise ValueError(message) from error


def _is_exact(digits: str, value: float) -> bool:
    return Decimal(digits) == Decimal(number_text(value))


def first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which the first of equal keys is kept."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        made.setdefault(name, value)
    return made


def number_text(value: float) -> str:
    """A FLOAT64 as JSON shows it: digits up to 1e15, then an exponent."""
    text = repr(value)
    if not _EXPONENT_FROM <= abs(value) < _EXPONENT_TO:
        return text
    sign, digits = ("-", text[1:]) if value < 0 else ("", text)
    kept = digits.replace(".", "").rstrip("0") or "0"
    return f"{sign}{kept[0]}{'.' + kept[1:] if kept[1:] else ''}e+15"


def dump(value: Any, *, step: int = 0, depth: int = 0) -> str:
    """A JSON value as text.

    Args:
        value: The value.
        step: Blanks of one step to the right, or 0 for a text without any.
        depth: How many steps it stands to the right.
    """
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dict):
        gap = ": " if step else ":"
        items = [
            f"{json.dumps(name, ensure_ascii=False)}{gap}{dump(one, step=step, depth=depth + 1)}"
            for name, one in sorted(value.items())
        ]
        return listed(items, "{}", step=step, depth=depth)
    if isinstance(value, list):
        items = [dump(one, step=step, depth=depth + 1) for one in value]
        return listed(items, "[]", step=step, depth=depth)
    return json.dumps(value, ensure_ascii=False)


def listed(items: list[str], marks: str, *, step: int, depth: int) -> str:
    """Items between brackets, on lines of their own where there is a step."""
    if not step or not items:
        return f"{marks[0]}{','.join(items)}{marks[1]}"
    blanks = " " * (step * (depth + 1))
    inner = ",\n".join(blanks + one for one in items)
    return f"{marks[0]}\n{inner}\n{' ' * (step * depth)}{marks[1]}"
