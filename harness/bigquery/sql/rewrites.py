"""Rewrites of single nodes: expression in, expression out, untouched where they do not apply.

Each answers one difference between GoogleSQL and DuckDB that sqlglot passes over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

_CASTS = {
    exp.DType.BIGINT: "int",
    exp.DType.DOUBLE: "float",
    exp.DType.BOOLEAN: "bool",
    exp.DType.DATE: "date",
    exp.DType.TEXT: "string",
}
_PLAIN_CASTS = (
    exp.DType.TIMESTAMP,
    exp.DType.TIMESTAMPTZ,
    exp.DType.DATETIME,
    exp.DType.TIME,
    exp.DType.DECIMAL,
    exp.DType.JSON,
    exp.DType.BINARY,
    exp.DType.VARBINARY,
)


def call(name: str, *arguments: exp.Expr | str) -> exp.Expr:
    """A call of a macro or of a function of DuckDB."""
    nodes = [exp.Literal.string(one) if isinstance(one, str) else one for one in arguments]
    return exp.Anonymous(this=name, expressions=nodes)


def numbers(node: exp.Expr) -> exp.Expr:
    """``1.5`` is a FLOAT64, not a decimal; ``2147483647 + 1`` does not overflow."""
    if not isinstance(node, exp.Literal) or node.is_string:
        return node
    if not str(node.this).isdigit():
        return exp.Cast(this=node.copy(), to=exp.DataType.build("DOUBLE"))
    if isinstance(node.parent, exp.Add | exp.Sub | exp.Mul | exp.Neg):
        return exp.Cast(this=node.copy(), to=exp.DataType.build("BIGINT"))
    return node


def divisions(node: exp.Expr) -> exp.Expr:
    """``x / 0`` is an error, not infinity."""
    if isinstance(node, exp.Div):
        return call("bq_div", node.this, node.expression)
    if isinstance(node, exp.SafeDivide):
        return call("bq_safe_div", node.this, node.expression)
    if isinstance(node, exp.Round | exp.Trunc):
        # Of an INT64 BigQuery makes a FLOAT64, DuckDB does not.
        node.set("this", call("bq_not_int", node.this.copy(), node.sql_name()))
    return node


def aggregates(node: exp.Expr) -> exp.Expr:
    """COUNTIF of nothing is 0; statistics of NUMERIC keep their type, so they are refused."""
    if isinstance(node, exp.CountIf):
        if isinstance(node.this, exp.Distinct):
            raise UnsupportedError("COUNTIF(DISTINCT ...)")
        when = exp.If(this=node.this, true=exp.Literal.number(1))
        return exp.Count(this=exp.Case(ifs=[when]), big_int=True)
    if isinstance(node, exp.ApproxDistinct):
        return exp.Count(this=exp.Distinct(expressions=[node.this]), big_int=True)
    if isinstance(
        node, exp.Avg | exp.Stddev | exp.StddevPop | exp.StddevSamp | exp.Variance | exp.VariancePop
    ):
        what = node.sql_name()
        if isinstance(node.this, exp.Distinct):
            inner = [call("bq_not_numeric", one, what) for one in node.this.expressions]
            return type(node)(this=exp.Distinct(expressions=inner))
        return type(node)(this=call("bq_not_numeric", node.this, what))
    if isinstance(node, exp.ArrayAgg | exp.GroupConcat) and node.find(exp.Limit):
        raise UnsupportedError(f"LIMIT inside {node.sql_name()}")
    return node


def casts(node: exp.Expr) -> exp.Expr:
    """CAST rounds half away from zero, and takes of a text only what BigQuery takes."""
    if not isinstance(node, exp.Cast):
        return node
    safe = "safe_" if isinstance(node, exp.TryCast) else ""
    if node.args.get("format"):
        raise UnsupportedError("CAST ... FORMAT")
    target = node.to
    if target.this in _CASTS and not target.expressions:
        kind = _CASTS[target.this]
        return call(f"bq_to_{kind}" if kind == "string" else f"bq_{safe}to_{kind}", node.this)
    if target.this == exp.DType.DECIMAL and not target.expressions:
        return type(node)(this=node.this, to=exp.DataType.build("DECIMAL(38, 9)"))
    if target.this not in _PLAIN_CASTS or (target.expressions and target.this != exp.DType.DECIMAL):
        raise UnsupportedError(f"CAST AS {target.sql('bigquery')}")
    if target.this in (exp.DType.BINARY, exp.DType.VARBINARY):
        # DuckDB would read escapes in the text.
        return call("encode", node.this)
    return node


def texts(node: exp.Expr) -> exp.Expr:
    """Positions within texts, and lengths of arrays."""
    if isinstance(node, exp.Substring):
        start = node.args.get("start")
        if start is not None and not (start.is_int and int(start.name or 0) > 0):
            node.set("start", call("bq_start", node.this.copy(), start))
    elif isinstance(node, exp.StrPosition) and (
        node.args.get("position") or node.args.get("occurrence")
    ):
        raise UnsupportedError("INSTR with a position")
    elif isinstance(node, exp.ArraySize):
        return call("len", node.this)
    return node


def patterns(node: exp.Expr) -> exp.Expr:
    """A backslash escapes in LIKE; a regular expression must be seen to know its groups."""
    if isinstance(node, exp.RegexpExtract):
        if node.args.get("position") or node.args.get("occurrence"):
            raise UnsupportedError("REGEXP_EXTRACT with a position")
        if not (isinstance(node.expression, exp.Literal) and node.expression.is_string):
            raise UnsupportedError("REGEXP_EXTRACT with a pattern that is not a literal")
    elif isinstance(node, exp.Like) and not isinstance(node.parent, exp.Escape):
        pattern = node.expression
        if not (isinstance(pattern, exp.Literal) and "\\" not in pattern.name):
            return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))
    return node


def hashes(node: exp.Expr) -> exp.Expr:
    """DuckDB has no SHA-512; sqlglot would take SHA-256 for it."""
    if isinstance(node, exp.SHA2Digest) and str(node.args.get("length")) != "256":
        raise UnsupportedError("function SHA512")
    return node


def arrays(node: exp.Expr) -> exp.Expr:
    """``array[OFFSET(n)]`` out of bounds is an error, or NULL where it is SAFE."""
    if not isinstance(node, exp.Bracket):
        return node
    offset = node.args.get("offset")
    if offset is None or len(node.expressions) != 1:
        raise UnsupportedError("a subscript without OFFSET or ORDINAL")
    index = node.expressions[0]
    index = exp.Add(this=exp.paren(index), expression=exp.Literal.number(1 - int(offset)))
    return call("bq_safe_at" if node.args.get("safe") else "bq_at", node.this, index)


def structs(node: exp.Expr) -> exp.Expr:
    """A field of a STRUCT needs a name: DuckDB would make one up."""
    if isinstance(node, exp.Struct) and not all(
        isinstance(one, exp.PropertyEQ | exp.Column) for one in node.expressions
    ):
        raise UnsupportedError("STRUCT with a field that has no name")
    if isinstance(node, exp.Array) and any(isinstance(one, exp.Query) for one in node.expressions):
        raise UnsupportedError("ARRAY(subquery)")
    return node


NODE_REWRITES: tuple[Callable[[exp.Expr], exp.Expr], ...] = (
    numbers,
    divisions,
    aggregates,
    casts,
    texts,
    patterns,
    hashes,
    arrays,
    structs,
)
