"""Arguments that are counted once, before a call, and handed in under short names.

A macro of DuckDB puts the text of an argument wherever it uses it, so that calls within calls would
grow without end. The names follow from the texts: equal expressions stay equal for GROUP BY.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.sql.arguments import constant_text
from harness.bigquery.sql.kinds import Value
from harness.bigquery.sql.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.bigquery.sql.expressions import Expressions

_LONG, _MANY = 400, 3
_OWN = re.compile(r"\b(?:bqs?|vec)_")
_PLAIN = (exp.Literal, exp.Boolean, exp.Null, exp.Column, exp.RawString, exp.Star, exp.Var)


def is_heavy(value: Value, *, many: int = _MANY) -> bool:
    """Whether the text of a value should not be put in several places."""
    return len(value.sql) > _LONG or len(_OWN.findall(value.sql)) >= many


def _is_constant(value: Value) -> bool:
    return value.literal and not _OWN.search(value.sql)


def bound(
    values: Sequence[Value],
    make: Callable[[Sequence[Value]], str],
    *,
    always: bool = False,
    many: int = _MANY,
) -> str:
    """SQL that is made of values, of which heavy ones are counted once.

    Args:
        values: The values.
        make: What becomes of them.
        always: Whether all are counted before, heavy or not.
        many: How many calls of macros make a value heavy.
    """
    if not always and not any(is_heavy(one, many=many) for one in values):
        return make(values)
    # A lambda may hold no subquery and no aggregate: everything but constants is outside.
    packed = ", ".join(
        f"a{place} := {one.sql}" for place, one in enumerate(values) if not _is_constant(one)
    )
    name = f"l{zlib.crc32(packed.encode()):x}_"
    inner = make(
        [
            one if _is_constant(one) else Value(f"{name}.a{place}", one.kind)
            for place, one in enumerate(values)
        ]
    )
    if not packed:
        return inner
    return f"list_transform([struct_pack({packed})], lambda {name} : {inner})[1]"


def inner_nodes(call: exp.Expr) -> list[exp.Expr]:
    """The arguments of a call that are values of their own, beyond columns and constants."""
    found = []
    for argument in call.expressions:
        held = argument
        if isinstance(argument, exp.Interval):
            held = argument.this
        elif isinstance(argument, exp.Kwarg):
            held = argument.expression
        part = isinstance(held, exp.Anonymous | exp.WeekStart) and held.name.upper() == "WEEK"
        plain = isinstance(held, _PLAIN) or not isinstance(held, exp.Expr)
        if not (plain or part) and constant_text(held) is None:
            found.append(held)
    return found


def called(
    self: Expressions,
    call: exp.Expr,
    scope: Scope,
    make: Callable[[exp.Expr, Scope], Value],
    *,
    wrapped: Callable[[str], str] | None = None,
) -> Value:
    """A call whose arguments are counted before it, where they are heavy.

    Args:
        self: Translates the arguments.
        call: The call.
        scope: Where it stands.
        make: Translates the call.
        wrapped: What is done to the call alone; then all arguments are counted before.
    """
    nodes = inner_nodes(call)
    values = [self.value(one, scope) for one in nodes]
    apply = wrapped or (lambda sql: sql)
    if not (nodes and (wrapped or any(is_heavy(one) for one in values))):
        with self.remembered(nodes, values, scope):
            value = make(call, scope)
        return Value(apply(value.sql), value.kind)
    copied = call.copy()
    # In the copy the same nodes stand in the same order.
    places = inner_nodes(copied)
    kinds = []

    def inside(named: Sequence[Value]) -> str:
        aliases = {}
        for number, (place, one) in enumerate(zip(places, named, strict=True)):
            key = f"\0{number}"
            aliases[key] = one
            place.replace(exp.column(exp.to_identifier(key, quoted=True)))
        value = make(copied, Scope(parent=scope, aliases=aliases))
        kinds.append(value.kind)
        return apply(value.sql)

    sql = bound(values, inside, always=wrapped is not None)
    return Value(sql, kinds[0])
