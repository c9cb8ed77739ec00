"""Time zones: instants as civil times and back. Source: "Time zone definitions".

Civil times are read in UTC where no time zone is named.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.sql.places import at

if TYPE_CHECKING:
    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?")


def civil(sql: str, zone: exp.Expr | None, self: Expressions, scope: Scope) -> str:
    """The civil time of an instant."""
    if zone is None:
        return f"CAST({sql} AS TIMESTAMP)"
    if shift := _shift(zone):
        return f"(CAST({sql} AS TIMESTAMP) + {shift})"
    return f"timezone({_zone(self, zone, scope)}, {sql})"


def instant(sql: str, zone: exp.Expr | None, self: Expressions, scope: Scope) -> str:
    """The instant of a civil time."""
    if zone is None:
        return f"CAST(CAST({sql} AS TIMESTAMP) AS TIMESTAMPTZ)"
    if shift := _shift(zone):
        return f"CAST(CAST({sql} AS TIMESTAMP) - {shift} AS TIMESTAMPTZ)"
    return f"timezone({_zone(self, zone, scope)}, CAST({sql} AS TIMESTAMP))"


def _shift(zone: exp.Expr) -> str:
    found = _OFFSET.fullmatch(zone.name) if isinstance(zone, exp.Literal) else None
    if not found:
        return ""
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return f"to_minutes({found[1]}{minutes})"


def _zone(self: Expressions, node: exp.Expr, scope: Scope) -> str:
    value = self.value(node, scope)
    if value.kind.name not in ("STRING", "NULL"):
        raise UnsupportedError(f"a time zone of type {value.kind}{at(node)}")
    return value.sql
