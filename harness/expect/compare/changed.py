"""Which values of two aligned columns differ."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.engine import engine

if TYPE_CHECKING:
    from harness.expect.compare.common import Half

Tolerance: TypeAlias = "int | float | Decimal | dt.timedelta"

_MICROSECONDS = {"s": 1e-6, "ms": 1e-3, "us": 1, "ns": 1e3}


def changed(expected: Half, found: Half, tolerance: Tolerance | None = None) -> pa.Array:
    """Positions at which two columns differ.

    NaN equals NaN and -0.0 equals 0.0; a null equals a null and no value, not NaN either.

    Args:
        expected: As many values as there are in the other.
        found: In the same type.
        tolerance: By how much numbers or moments may differ; those of other kinds are compared
            exactly.
    """
    odd = _either(expected.odd, found.odd)
    if odd is None and expected.values.equals(found.values):
        return pa.array([], pa.int64())
    first, second = expected.values, found.values
    limit, arithmetic = None, ""
    if tolerance is not None and not first.equals(second):
        first, second, limit, arithmetic = _subtractable(first, second, tolerance)
    ones = pa.repeat(pa.scalar(1, pa.int64()), len(first))
    table = pa.table({"e": first, "f": second, "position": pc.cumulative_sum(ones)})
    if odd is not None:
        table = table.append_column("odd", odd)
    near = f" AND (e IS NULL OR f IS NULL OR NOT {arithmetic} <= ?)" if arithmetic else ""
    where = f"(e IS DISTINCT FROM f{near})" + (" OR odd" if odd is not None else "")
    with engine() as connection:
        connection.register("pairs", table)
        relation = connection.sql(
            f"SELECT position - 1 AS position FROM pairs WHERE {where}",  # noqa: S608 - own names
            params=[] if limit is None else [limit],
        )
        found_at = relation.to_arrow_table().sort_by("position").column("position")
    return found_at.combine_chunks()


def _subtractable(
    first: pa.ChunkedArray, second: pa.ChunkedArray, tolerance: Tolerance
) -> tuple[pa.ChunkedArray, pa.ChunkedArray, int | float | Decimal | None, str]:
    """Both columns, the limit and the difference in SQL; no limit where nothing can be near."""
    kind = first.type
    if isinstance(tolerance, dt.timedelta):
        if not (pa.types.is_timestamp(kind) or pa.types.is_duration(kind)):
            return first, second, None, ""
        ticks = tolerance / dt.timedelta(microseconds=1) * _MICROSECONDS[kind.unit]
        first, second = first.cast(pa.int64()), second.cast(pa.int64())
        return first, second, int(ticks), "abs(e::HUGEINT - f::HUGEINT)"
    if pa.types.is_integer(kind):
        return first, second, int(tolerance), "abs(e::HUGEINT - f::HUGEINT)"
    if pa.types.is_floating(kind):
        return first, second, float(tolerance), "abs(e - f)"
    if pa.types.is_decimal(kind):
        return first, second, Decimal(str(tolerance)), "abs(e - f)"
    return first, second, None, ""


def _either(
    first: pa.ChunkedArray | None, second: pa.ChunkedArray | None
) -> pa.ChunkedArray | None:
    if first is None or second is None:
        return first if second is None else second
    return pc.or_(first, second)
