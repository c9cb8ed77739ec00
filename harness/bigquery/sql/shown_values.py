"""Values as FORMAT's %t and %T write them. Source: "%t and %T behaviour" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.sql.arguments import lambda_name
from harness.bigquery.sql.casts import converted
from harness.bigquery.sql.kinds import STRING, Kind, Value
from harness.bigquery.sql.places import position
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

_QUOTED = ("DATE", "DATETIME", "TIME", "TIMESTAMP", "NUMERIC", "BIGNUMERIC")


def as_text(sql: str, kind: Kind, call: exp.Expr) -> str:
    """SQL of a value as %t shows it; NULL where the value is.

    Raises:
        UnsupportedError: The type has no text here.
    """
    if kind.name in ("ARRAY", "STRUCT"):
        return _nested(sql, kind, call, as_text)
    if kind.name == "STRING":
        return sql
    if kind.name == "FLOAT64":
        return (
            f"CASE WHEN isfinite({sql}) THEN bq_float_text({sql}) ELSE CAST({sql} AS VARCHAR) END"
        )
    if kind.name == "BYTES":
        return f"bq_bytes_text(bq_code_points(vec_to_latin({sql})))"
    return _plain(sql, kind, call)


def as_literal(sql: str, kind: Kind, call: exp.Expr) -> str:
    """SQL of a value as %T shows it, as in a statement; NULL where the value is.

    Raises:
        UnsupportedError: The type has no literal here.
    """
    if kind.name in ("ARRAY", "STRUCT"):
        return _nested(sql, kind, call, as_literal)
    if kind.name == "STRING":
        return f"bq_text_literal({sql})"
    if kind.name == "FLOAT64":
        return f"bq_float_literal({sql})"
    if kind.name == "BYTES":
        return f"bq_bytes_literal(bq_code_points(vec_to_latin({sql})))"
    text = _plain(sql, kind, call)
    if kind.name == "JSON":
        return f"'JSON ' || bq_text_literal({text})"
    return f"""'{kind.name} "' || {text} || '"'""" if kind.name in _QUOTED else text


def _plain(sql: str, kind: Kind, call: exp.Expr) -> str:
    if kind.name == "NULL":
        return "CAST(NULL AS VARCHAR)"
    if kind.name in ("INT64", "BOOL", "JSON"):
        return f"CAST({sql} AS VARCHAR)"
    if kind.name in _QUOTED:
        return converted(Value(sql, kind), STRING, safe=False)
    raise UnsupportedError(f"%t of {kind}", position=position(call))


def _nested(
    sql: str, kind: Kind, call: exp.Expr, written: Callable[[str, Kind, exp.Expr], str]
) -> str:
    if kind.element is not None:
        one = lambda_name(sql)
        inner = written(one, kind.element, call)
        items = f"list_transform({sql}, lambda {one} : coalesce({inner}, 'NULL'))"
        return f"('[' || array_to_string({items}, ', ') || ']')"
    cells = [
        f"coalesce({written(f'struct_extract({sql}, {literal(name)})', inner, call)}, 'NULL')"
        for name, inner in kind.fields
    ]
    head = "STRUCT(" if written is as_literal and len(cells) == 1 else "("
    shown = " || ', ' || ".join(cells)
    return f"CASE WHEN {sql} IS NOT NULL THEN '{head}' || {shown} || ')' END"
