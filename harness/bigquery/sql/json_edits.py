"""JSON_SET, JSON_REMOVE and their kin, one path after the other; JSON_KEYS.

Source: "Mutators" and "Accessors" of "JSON functions" of the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import given
from harness.bigquery.sql.json_made import json_text
from harness.bigquery.sql.json_paths import json_steps, steps_of
from harness.bigquery.sql.kinds import JSON, STRING, Value, array_of
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope


def _target(
    self: Expressions, call: exp.Expr, scope: Scope, *names: str
) -> tuple[str, list[exp.Expr], dict[str, exp.Expr]]:
    """SQL of the JSON as a text, the other arguments, and those by name."""
    nodes, named = given(call, names=names)
    first = self.value(nodes[0], scope) if nodes else None
    if first is None or first.kind.name not in ("JSON", "NULL"):
        values = [self.value(one, scope) for one in nodes]
        raise no_match(f"function {call.name.upper()}", values, at=at(call))
    return f"CAST({first.sql} AS VARCHAR)", nodes[1:], named


def _pairs(
    self: Expressions, call: exp.Expr, scope: Scope, nodes: list[exp.Expr]
) -> list[tuple[str, Value]]:
    """Paths and values; a path of NULL is passed over."""
    if not nodes or len(nodes) % 2:
        raise no_match(
            f"function {call.name.upper()}",
            [Value("", JSON), *(self.value(one, scope) for one in nodes)],
            at=at(call),
        )
    pairs = []
    for path, node in zip(nodes[::2], nodes[1::2], strict=True):
        steps = steps_of(path, function=call.name.upper())
        if steps is not None:
            pairs.append((literal(json_steps(steps)), self.value(node, scope)))
    return pairs


def _set(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    sql, nodes, named = _target(self, call, scope, "create_if_missing")
    create = "true"
    if "create_if_missing" in named:
        create = self.boolean(named["create_if_missing"], scope, clause="create_if_missing")
    for path, value in _pairs(self, call, scope, nodes):
        text = json_text(value, call, kept=True)
        made = f"vec_assign({sql}, {path}, {text}, {create})"
        # Without a mode nothing is set.
        sql = (
            made if create == "true" else f"CASE WHEN ({create}) IS NULL THEN {sql} ELSE {made} END"
        )
    return Value(f"CAST({sql} AS JSON)", JSON)


def _listed(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """JSON_ARRAY_APPEND and JSON_ARRAY_INSERT."""
    word = call.name.lower().rpartition("_")[2]
    option = f"{word}_each_element"
    sql, nodes, named = _target(self, call, scope, option)
    each = "true"
    if option in named:
        each = self.boolean(named[option], scope, clause=option)
    first = sql
    for path, value in _pairs(self, call, scope, nodes):
        text = json_text(value, call, kept=True)
        items = f"'[' || {text} || ']'"
        if value.kind.element is not None:
            # An array counts as its elements, NULL as one of them.
            single = f"CASE WHEN {value.sql} IS NULL THEN '[null]' ELSE {text} END"
            items = f"CASE WHEN {each} THEN {single} ELSE {items} END"
        sql = f"vec_{word}({sql}, {path}, {items})"
    if each != "true":
        sql = f"CASE WHEN ({each}) IS NULL THEN {first} ELSE {sql} END"
    return Value(f"CAST({sql} AS JSON)", JSON)


def _remove(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    sql, nodes, _ = _target(self, call, scope)
    if not nodes:
        raise no_match("function JSON_REMOVE", [Value("", JSON)], at=at(call))
    for node in nodes:
        steps = steps_of(node, function="JSON_REMOVE")
        if steps == []:
            raise ApiError("invalidQuery", f"The JSONPath cannot be '$'{at(node)}")
        if steps is not None:
            sql = f"vec_remove({sql}, {literal(json_steps(steps))})"
    return Value(f"CAST({sql} AS JSON)", JSON)


def _strip(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    sql, nodes, named = _target(self, call, scope, "include_arrays", "remove_empty")
    if len(nodes) > 1:
        raise UnsupportedError(f"JSON_STRIP_NULLS so{at(call)}")
    steps = steps_of(nodes[0], function="JSON_STRIP_NULLS") if nodes else []
    if steps is None:
        return Value(f"CAST({sql} AS JSON)", JSON)
    flags = [
        self.boolean(named[one], scope, clause=one) if one in named else default
        for one, default in (("include_arrays", "true"), ("remove_empty", "false"))
    ]
    made = f"vec_strip_nulls({sql}, {literal(json_steps(steps))}, {flags[0]}, {flags[1]})"
    return Value(f"CAST(coalesce({made}, {sql}) AS JSON)", JSON)


def _keys(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    sql, nodes, named = _target(self, call, scope, "mode", "max_depth")
    depth = nodes[0] if nodes else named.get("max_depth")
    # No limit is one that no document reaches.
    most = "1000" if depth is None else f"coalesce({self.value(depth, scope).sql}, 1000)"
    mode = self.value(named["mode"], scope).sql if "mode" in named else "'strict'"
    return Value(f"vec_keys({sql}, CAST({most} AS BIGINT), {mode})", array_of(STRING))


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "JSON_ARRAY_APPEND": _listed,
    "JSON_ARRAY_INSERT": _listed,
    "JSON_KEYS": _keys,
    "JSON_REMOVE": _remove,
    "JSON_SET": _set,
    "JSON_STRIP_NULLS": _strip,
}
