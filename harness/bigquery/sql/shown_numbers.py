"""Numbers in FORMAT: %d, %x, %f, %e and their kin. Source: "FORMAT" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.sql.places import position

if TYPE_CHECKING:
    from sqlglot import exp

    from harness.bigquery.sql.shown import Specifier

_NUMERIC_SCALE = 9


def _sign(one: Specifier, negative: str) -> str:
    plain = "'+'" if "+" in one.flags else "' '" if " " in one.flags else "''"
    return f"CASE WHEN {negative} THEN '-' ELSE {plain} END"


def int_text(one: Specifier, call: exp.Expr) -> str:
    """SQL of an INT64 as text; a negative one is a sign and its magnitude, also as %x."""
    number = f"CAST({one.value.sql} AS BIGINT)"
    letter = "d" if one.letter == "i" else one.letter
    digits = f"printf('%{letter}', bq_magnitude({number}))"
    if "'" in one.flags:
        if letter != "d" or one.precision:
            raise UnsupportedError(f"FORMAT with %'{one.letter}", position=position(call))
        digits = f"bq_thousands({digits})"
    if one.precision:
        digits = f"bq_at_least({digits}, {one.precision})"
    prefix = {"o": "0", "x": "0x", "X": "0X"}.get(letter, "") if "#" in one.flags else ""
    head = f"{_sign(one, f'{number} < 0')} || '{prefix}'"
    return _filled(one, head, digits)


def float_text(one: Specifier, call: exp.Expr) -> str:
    """SQL of a FLOAT64 or NUMERIC as text."""
    if one.value.kind.name in ("NUMERIC", "BIGNUMERIC"):
        return _numeric_text(one, call)
    number = f"CAST({one.value.sql} AS DOUBLE)"
    if one.precision and not one.precision.isdigit():
        raise UnsupportedError(f"FORMAT with %.*{one.letter}", position=position(call))
    point = f".{one.precision}" if one.precision else ""
    form = f"%{'#' if '#' in one.flags else ''}{point}{one.letter}"
    # -0.0 is 0, and NaN has no sign.
    digits = f"printf('{form}', abs({number}))"
    if "'" in one.flags:
        if one.letter not in "fF":
            raise UnsupportedError(f"FORMAT with %'{one.letter}", position=position(call))
        digits = f"CASE WHEN isfinite({number}) THEN bq_thousands({digits}) ELSE {digits} END"
    return _filled(one, _sign(one, f"{number} < 0"), digits, finite=f"isfinite({number})")


def _numeric_text(one: Specifier, call: exp.Expr) -> str:
    precision = one.precision or "6"
    known = one.letter in "fF" and precision.isdigit() and one.value.kind.name == "NUMERIC"
    if not known:
        raise UnsupportedError(
            f"FORMAT with %{one.letter} of {one.value.kind}", position=position(call)
        )
    places = int(precision)
    number = one.value.sql
    kept = min(places, _NUMERIC_SCALE)
    digits = f"CAST(abs(round({number}, {kept})) AS VARCHAR)"
    if places > _NUMERIC_SCALE:
        digits += f" || '{'0' * (places - _NUMERIC_SCALE)}'"
    if "'" in one.flags:
        digits = f"bq_thousands({digits})"
    return _filled(one, _sign(one, f"{number} < 0"), digits)


def _filled(one: Specifier, head: str, digits: str, *, finite: str = "true") -> str:
    if one.width and "0" in one.flags and "-" not in one.flags:
        width = f"CASE WHEN {finite} THEN {one.width} - length({head}) ELSE 0 END"
        digits = f"bq_at_least({digits}, {width})"
    return f"({head} || {digits})"
