"""The arguments of a call: by place, by name, and those that must be constant."""

from __future__ import annotations

import zlib

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.places import at


def given(
    call: exp.Expr, *, names: tuple[str, ...] = ()
) -> tuple[list[exp.Expr], dict[str, exp.Expr]]:
    """The arguments by place, and those by name (``name => value``).

    Raises:
        ApiError: A name is not among those that the function has.
    """
    placed: list[exp.Expr] = []
    named: dict[str, exp.Expr] = {}
    for one in call.expressions:
        if not isinstance(one, exp.Kwarg):
            placed.append(one)
            continue
        name = one.this.name.lower()
        if name not in names:
            raise ApiError(
                "invalidQuery",
                f"Named argument {one.this.name} not found in signature for call to function "
                f"{call.name.upper()}{at(one)}",
                location="query",
            )
        named[name] = one.expression
    return placed, named


def constant_text(node: exp.Expr) -> str | None:
    """The text of a literal, of a parameter or of several put together; None of anything else."""
    if isinstance(node, exp.RawString) or (isinstance(node, exp.Literal) and node.is_string):
        return str(node.this)
    if isinstance(node, exp.Paren):
        return constant_text(node.this)
    if isinstance(node, exp.Cast) and node.args["to"].this in exp.DataType.TEXT_TYPES:
        return constant_text(node.this)
    if isinstance(node, exp.DPipe):
        parts = [constant_text(node.this), constant_text(node.expression)]
    elif isinstance(node, exp.Anonymous) and node.name.upper() == "CONCAT":
        parts = [constant_text(one) for one in node.expressions]
    else:
        return None
    return None if None in parts else "".join(one or "" for one in parts)


def constant_bool(node: exp.Expr) -> bool | None:
    """TRUE or FALSE as it is written, also as a parameter; None of anything else."""
    if isinstance(node, exp.Cast):
        text = constant_text(node.this)
        return {"true": True, "false": False}.get(text.lower()) if text else None
    return bool(node.this) if isinstance(node, exp.Boolean) else None


def constant_int(node: exp.Expr) -> int | None:
    """A whole number as it is written, also as a parameter; None of anything else."""
    if isinstance(node, exp.Neg):
        inner = constant_int(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    text = str(node.this) if isinstance(node, exp.Literal) else ""
    return int(text) if text.lstrip("+-").isdigit() else None


def lambda_name(sql: str) -> str:
    """A name for the argument of a lambda over some SQL; the same SQL has the same name."""
    return f"e{zlib.crc32(sql.encode()):x}_"
