"""Functions of regular expressions. Source: "String functions" of the reference; RE2 does both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_text
from harness.bigquery.sql.kinds import BOOL, INT64, STRING, Value, array_of
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_TEXTS = 2


def _arguments(self: Expressions, call: exp.Expr, scope: Scope, few: int, many: int) -> list[Value]:
    """Texts first, then whole numbers."""
    name = call.name.upper()
    values = [self.value(one, scope) for one in call.expressions]
    texts = 3 if name == "REGEXP_REPLACE" else _TEXTS
    kinds = [one.kind.name for one in values]
    if "BYTES" in kinds[:texts] and not {"STRING"} & set(kinds[:texts]):
        raise UnsupportedError(f"{name} of BYTES", position=position(call))
    fits = all(one in ("STRING", "NULL") for one in kinds[:texts])
    fits = fits and all(one in ("INT64", "NULL") for one in kinds[texts:])
    if not few <= len(values) <= many or not fits:
        raise no_match(f"function {name}", values, at=at(call))
    return values


def _groups(call: exp.Expr, *, most: int = 1) -> int:
    """How many groups a pattern captures.

    Raises:
        ApiError: They are too many.
    """
    pattern = constant_text(call.expressions[1])
    if pattern is None:
        raise UnsupportedError(
            f"{call.name.upper()} with a pattern that is not a literal", position=position(call)
        )
    try:
        groups = re.compile(re.sub(r"\(\?P?<", "(?P<", pattern)).groups
    except re.error:
        bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "", pattern)
        groups = len(re.findall(r"\((?!\?)|\(\?P?<", bare))
    if groups > most:
        raise ApiError(
            "invalidQuery",
            f"Regular expressions passed into extraction functions must not have more than 1 "
            f"capturing group{at(call)}",
        )
    return groups


def _contains(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    text, pattern = _arguments(self, call, scope, 2, 2)
    return Value(f"regexp_matches({text.sql}, {pattern.sql})", BOOL)


def _first_match(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """REGEXP_EXTRACT; where it starts later, what is before that is not seen at all."""
    text, pattern, *rest = _arguments(self, call, scope, 2, 4)
    groups = _groups(call)
    if rest:
        start = rest[0].sql
        occurrence = rest[1].sql if len(rest) > 1 else "1"
        sql = f"bq_regexp_nth({text.sql}, {pattern.sql}, {groups}, {start}, {occurrence})"
        return Value(sql, STRING)
    if groups and re.search(r"\)[?*{]|\|", constant_text(call.expressions[1]) or ""):
        # A group that is not in the match is NULL; DuckDB tells that in the list only.
        return Value(f"regexp_extract_all({text.sql}, {pattern.sql}, {groups})[1]", STRING)
    found = f"regexp_extract({text.sql}, {pattern.sql}, {groups})"
    sql = f"CASE WHEN regexp_matches({text.sql}, {pattern.sql}) THEN {found} END"
    return Value(sql, STRING)


def _all_matches(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    text, pattern = _arguments(self, call, scope, 2, 2)
    sql = f"regexp_extract_all({text.sql}, {pattern.sql}, {_groups(call)})"
    return Value(sql, array_of(STRING))


def _place(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """REGEXP_INSTR."""
    text, pattern, *rest = _arguments(self, call, scope, 2, 5)
    if _groups(call):
        raise UnsupportedError("REGEXP_INSTR with a group", position=position(call))
    start, occurrence, after = [one.sql for one in rest] + ["1", "1", "0"][len(rest) :]
    bare = literal(f"(?:{constant_text(call.expressions[1])})")
    inner = f"bq_regexp_place({text.sql}, {pattern.sql}, {bare}, {start}, {occurrence}, {after})"
    return Value(inner, INT64)


def _replaced(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    text, pattern, new = _arguments(self, call, scope, 3, 3)
    constant = constant_text(call.expressions[2])
    if constant is not None and re.search(r"\\(?![0-9\\])", constant.replace("\\\\", "")):
        raise ApiError(
            "invalidQuery",
            "Invalid REGEXP_REPLACE pattern: Rewrite schema error: '\\' must be followed by a "
            "digit or '\\'.",
        )
    return Value(f"regexp_replace({text.sql}, {pattern.sql}, {new.sql}, 'g')", STRING)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "REGEXP_CONTAINS": _contains,
    "REGEXP_EXTRACT": _first_match,
    "REGEXP_EXTRACT_ALL": _all_matches,
    "REGEXP_INSTR": _place,
    "REGEXP_REPLACE": _replaced,
    "REGEXP_SUBSTR": _first_match,
}
