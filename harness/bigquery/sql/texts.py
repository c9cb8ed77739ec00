"""Functions of texts whose arguments are more than values. Source: "String functions"."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_text, given, lambda_name
from harness.bigquery.sql.casts import converted
from harness.bigquery.sql.kinds import BOOL, INT64, STRING, Kind, Value
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_FORMS = ("NFC", "NFKC", "NFD", "NFKD")
_AS_TEXT = ("INT64", "FLOAT64", "NUMERIC", "BOOL", "DATE", "DATETIME", "TIME", "TIMESTAMP")


def _normalized(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """NORMALIZE and NORMALIZE_AND_CASEFOLD."""
    name = call.name.upper()
    nodes, _ = given(call)
    value = self.value(nodes[0], scope) if nodes else None
    if value is None or len(nodes) > 2 or value.kind.name not in ("STRING", "NULL"):  # noqa: PLR2004
        raise no_match(f"function {name}", [value] if value else [], at=at(call))
    form = nodes[1].name.upper() if len(nodes) > 1 else "NFC"
    if form not in _FORMS:
        raise ApiError(
            "invalidQuery",
            f"Argument is not valid normalization mode: {form}{at(nodes[1])}",
            location="query",
        )
    function = "normalize" if name == "NORMALIZE" else "casefold"
    return Value(f"vec_{function}({value.sql}, '{form}')", STRING)


def _distance(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """EDIT_DISTANCE."""
    nodes, named = given(call, names=("max_distance",))
    values = [self.value(one, scope) for one in nodes]
    kinds = {one.kind.name for one in values} - {"NULL"}
    if len(values) != 2 or len(kinds) > 1 or not kinds <= {"STRING", "BYTES"}:  # noqa: PLR2004
        raise no_match("function EDIT_DISTANCE", values, at=at(call))
    texts = [f"vec_to_latin({one.sql})" if "BYTES" in kinds else one.sql for one in values]
    sql = f"vec_edit_distance({', '.join(texts)})"
    if "max_distance" in named:
        most = self.value(named["max_distance"], scope).sql
        sql = f"bq_at_most({sql}, {most})"
    return Value(sql, INT64)


def _contains(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """CONTAINS_SUBSTR: whatever the letters' case and form, in all parts of a value."""
    nodes, named = given(call, names=("json_scope",))
    if named:
        raise UnsupportedError("CONTAINS_SUBSTR with json_scope", position=position(call))
    if len(nodes) != 2:  # noqa: PLR2004
        raise no_match("function CONTAINS_SUBSTR", [], at=at(call))
    wanted = constant_text(nodes[1])
    if wanted is None:
        raise ApiError(
            "invalidQuery",
            f"Argument 2 to CONTAINS_SUBSTR must be a literal or query parameter{at(nodes[1])}",
            location="query",
        )
    folded = unicodedata.normalize("NFKC", wanted).casefold()
    value = self.value(nodes[0], scope)
    return Value(_holds(value.sql, value.kind, literal(folded), call), BOOL)


def _holds(sql: str, kind: Kind, wanted: str, call: exp.Expr) -> str:
    if kind.name == "STRUCT":
        parts = [
            _holds(f"struct_extract({sql}, {literal(name)})", inner, wanted, call)
            for name, inner in kind.fields
        ]
        return f"({' OR '.join(parts)})"
    if kind.element is not None:
        one = lambda_name(sql)
        inner = _holds(one, kind.element, wanted, call)
        return f"bq_any(list_transform({sql}, lambda {one} : {inner}))"
    if kind.name in _AS_TEXT:
        text = converted(Value(sql, kind), STRING, safe=False)
        return f"contains(lower({text}), {wanted})"
    if kind.name not in ("STRING", "NULL"):
        raise UnsupportedError(f"CONTAINS_SUBSTR of {kind}", position=position(call))
    plain = f"regexp_full_match({sql}, '[\\x00-\\x7f]*')"
    folded = f"CASE WHEN {plain} THEN lower({sql}) ELSE vec_casefold({sql}, 'NFKC') END"
    return f"contains({folded}, {wanted})"


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "CONTAINS_SUBSTR": _contains,
    "EDIT_DISTANCE": _distance,
    "NORMALIZE": _normalized,
    "NORMALIZE_AND_CASEFOLD": _normalized,
}
