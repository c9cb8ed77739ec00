"""Types with parameters: ``STRING(n)``, ``BYTES(n)``, ``NUMERIC(p, s)``, ``BIGNUMERIC(p, s)``.

Source of the rules: "Parameterized data types" of the GoogleSQL reference. A parameter belongs to a
column, or to one CAST, and never to a value: what is read from the column is a plain STRING.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.quoting import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.types import Field

_TEXTS = ("STRING", "BYTES")
# Digits before and after the point.
_NUMBERS = {"NUMERIC": (29, 9), "BIGNUMERIC": (38, 38)}
_PAIR = 2


def checked_parameters(kind: str, parameters: tuple[int, ...]) -> tuple[int, ...]:
    """The parameters of a type, if it takes them.

    Raises:
        ApiError: It takes none, or not these.
    """
    if not parameters:
        return parameters
    first = parameters[0]
    if kind in _TEXTS and len(parameters) == 1:
        if first < 1:
            raise ApiError("invalid", f"{kind} length must be greater than 0")
        return parameters
    if kind not in _NUMBERS or len(parameters) > _PAIR:
        raise ApiError("invalid", f"{kind} does not support type parameters")
    whole, fraction = _NUMBERS[kind]
    scale = parameters[1] if len(parameters) == _PAIR else 0
    if not 0 <= scale <= fraction:
        raise ApiError("invalid", f"In {kind}(P, S), S must be between 0 and {fraction}")
    least, most = max(1, scale), whole + scale
    if not least <= first <= most:
        told = f"{kind}(P, {scale})" if len(parameters) == _PAIR else f"{kind}(P)"
        raise ApiError("invalid", f"In {told}, P must be between {least} and {most}")
    return parameters


def parameters_from_rest(resource: Mapping[str, Any], kind: str) -> tuple[int, ...]:
    """The parameters of a TableFieldSchema.

    Raises:
        ApiError: The type does not take them.
    """
    name = str(resource.get("name", ""))
    length, precision, scale = (
        _number(resource, option) for option in ("maxLength", "precision", "scale")
    )
    if length is not None and kind not in _TEXTS:
        raise ApiError("invalid", f"maxLength is not supported for field {name} of type {kind}")
    if precision is None and scale is not None:
        raise ApiError("invalid", f"Field {name} has a scale without a precision")
    if precision is not None and kind not in _NUMBERS:
        raise ApiError("invalid", f"precision is not supported for field {name} of type {kind}")
    given = [one for one in (length, precision, scale) if one is not None]
    return checked_parameters(kind, tuple(given))


def _number(resource: Mapping[str, Any], option: str) -> int | None:
    given = resource.get(option)
    if given in (None, ""):
        return None
    try:
        return int(str(given))
    except ValueError:
        raise ApiError("invalid", f"Invalid value for {option}: {given}") from None


def parameters_rest(field: Field) -> dict[str, str]:
    """The parameters as parts of a TableFieldSchema."""
    names = ("maxLength",) if field.type in _TEXTS else ("precision", "scale")
    return {name: str(one) for name, one in zip(names, field.parameters, strict=False)}


def with_parameters(kind: str, parameters: tuple[int, ...]) -> str:
    """A type's name with its parameters: ``NUMERIC(10, 2)``."""
    return f"{kind}({', '.join(map(str, parameters))})" if parameters else kind


def is_bounded(field: Field) -> bool:
    """Whether a column's values are held to parameters, here or within."""
    return bool(field.parameters) or any(map(is_bounded, field.fields))


def bounded(field: Field, value: str, *, depth: int = 0) -> str:
    """SQL of a value as its column keeps it: a number rounded, what is too long refused.

    Args:
        field: The column, or a field of a STRUCT.
        value: SQL of the value, of the column's type.
        depth: How many ARRAYs it stands in, for distinct names.
    """
    if not is_bounded(field):
        return value
    if field.repeated:
        item = f"held_{depth}"
        one = bounded(replace(field, mode="NULLABLE"), item, depth=depth + 1)
        return f"list_transform({value}, lambda {item} : {one})"
    if field.fields:
        parts = ", ".join(
            f"{quoted(one.name)} := "
            + bounded(one, f"struct_extract({value}, {literal(one.name)})", depth=depth)
            for one in field.fields
        )
        return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({parts}) END"
    return held(field.type, field.parameters, value, where=f"Field {field.name}: ")


def held(
    kind: str, parameters: tuple[int, ...], value: str, *, where: str = "", safe: bool = False
) -> str:
    """SQL of a scalar held to its type's parameters.

    Args:
        kind: The type.
        parameters: Its parameters.
        value: SQL of the value.
        where: What stands before the error's text.
        safe: Whether a value that does not fit becomes NULL.
    """
    if kind in _TEXTS:
        size = "length" if kind == "STRING" else "octet_length"
        told = literal(
            f"bq:{where}{with_parameters(kind, parameters)} has maximum length {parameters[0]} "
            "but got a value with length "
        )
        failed = "NULL" if safe else f"error({told} || CAST({size}({value}) AS VARCHAR))"
        return f"CASE WHEN {size}({value}) > {parameters[0]} THEN {failed} ELSE {value} END"
    precision, scale = parameters[0], parameters[1] if len(parameters) == _PAIR else 0
    most = "9" * (precision - scale) + ("." + "9" * scale if scale else "")
    most = most if precision > scale else f"0{most}"
    told = literal(
        f"bq:{where}{with_parameters(kind, parameters)} has precision {precision} and scale "
        f"{scale} but got a value that is not in range of [-{most}, {most}]"
    )
    # An error without a text is NULL.
    told = "CAST(NULL AS VARCHAR)" if safe else told
    if kind == "BIGNUMERIC":
        return f"bq_big_held({value}, {scale}, bq_to_bignumeric('{most}'), {told})"
    return f"bq_numeric_held({value}, {scale}, CAST('{most}' AS DECIMAL(38,9)), {told})"
