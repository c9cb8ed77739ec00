"""Which rows of two tables belong together, by key, by place or as wholes; columnar, in DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.engine import engine
from harness.expect.groups import row_positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from harness.expect.compare.common import Half

Halves = tuple["Half", "Half"]
_FEW = 100_000


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """Positions of rows.

    Attributes:
        expected: Rows that have a partner, in the expected order.
        found: Their partners.
        missing: Expected rows that have none.
        extra: Found rows that have none.
    """

    expected: pa.Array
    found: pa.Array
    missing: pa.Array
    extra: pa.Array


@dataclass(frozen=True, kw_only=True)
class Group:
    """Equal rows.

    Attributes:
        expected: The first position among the expected, or None.
        found: The first position among the found, or None.
        wanted: How many are expected.
        got: How many were found.
    """

    expected: int | None
    found: int | None
    wanted: int
    got: int


def by_place(expected: int, found: int) -> Pairing:
    """The first with the first, and so on.

    Args:
        expected: How many rows there are.
        found: The same of the other side.
    """
    both = min(expected, found)
    return Pairing(
        expected=row_positions(0, both),
        found=row_positions(0, both),
        missing=row_positions(both, expected),
        extra=row_positions(both, found),
    )


def by_key(keys: Sequence[Halves]) -> Pairing:
    """Those whose keys are equal; a null equals a null. Keys must be unique on each side."""
    names, same = _conditions(keys)
    with engine() as connection:
        _register(connection, keys, names)
        joined = (
            connection.sql(
                "SELECT e.position AS expected, f.position AS found"  # noqa: S608 - own names
                f" FROM expected e FULL JOIN found f ON {same}"
            )
            .to_arrow_table()
            .sort_by([("expected", "ascending"), ("found", "ascending")])
            .combine_chunks()
        )
    expected, found = (_one(joined.column(name)) for name in ("expected", "found"))
    both = pc.and_(pc.is_valid(expected), pc.is_valid(found))
    return Pairing(
        expected=expected.filter(both),
        found=found.filter(both),
        missing=expected.filter(pc.is_null(found)),
        extra=found.filter(pc.is_null(expected)),
    )


def as_wholes(columns: Sequence[Halves], *, most: int) -> tuple[int, int, list[Group], list[int]]:
    """Rows as a whole, each as often as it occurs.

    Rows are told apart by a hash of 64 bits: for a million rows that all differ, the chance that
    it takes a changed row for another one is below one in ten million.

    Returns:
        How many rows are missing, how many are extra, some of the groups, and the columns (by
        their place) in which what is missing and what is extra have other values; of very many
        rows these are not looked for.
    """
    names, _ = _conditions(columns)
    listed = ", ".join(_hashed(columns, names))
    with engine() as connection:
        _register(connection, columns, names)
        connection.execute(
            f"CREATE TEMP TABLE rows AS SELECT hash({listed}) AS row, one, position FROM"  # noqa: S608 - own names
            " (SELECT *, 1 AS one FROM expected UNION ALL SELECT *, -1 FROM found)"
        )
        # The rows that are told of are few, or the test fails anyhow: count first, look later.
        connection.execute(
            "CREATE TEMP TABLE other AS SELECT min(position) FILTER (one = 1) AS expected,"
            " min(position) FILTER (one = -1) AS found,"
            " count(*) FILTER (one = 1) AS wanted, count(*) FILTER (one = -1) AS got FROM rows"
            " SEMI JOIN (SELECT row FROM rows GROUP BY row HAVING sum(one) <> 0) USING (row)"
            " GROUP BY row"
        )
        missing, extra, number = connection.execute(
            "SELECT coalesce(sum(greatest(wanted - got, 0)), 0)::BIGINT,"
            " coalesce(sum(greatest(got - wanted, 0)), 0)::BIGINT, count(*) FROM other"
        ).fetchall()[0]
        groups = [
            Group(expected=row[0], found=row[1], wanted=row[2], got=row[3])
            for than in ("<", ">")
            for row in connection.execute(
                f"SELECT expected, found, wanted, got FROM other WHERE got {than} wanted"  # noqa: S608 - own names
                " ORDER BY coalesce(expected, found) LIMIT ?",
                [most],
            ).fetchall()
        ]
        few = number <= _FEW
        differing = [at for at in range(len(columns)) if few and _other_values(connection, at)]
    return missing, extra, groups, differing


def _other_values(connection: duckdb.DuckDBPyConnection, at: int) -> bool:
    """Whether the missing and the extra rows have other values in a column, each as often."""
    rows = connection.execute(
        f"SELECT 1 FROM (SELECT e.c{at} AS value, got - wanted AS more FROM other"  # noqa: S608 - own names
        " JOIN expected e ON other.expected = e.position UNION ALL"
        f" SELECT f.c{at}, got - wanted FROM other"
        " JOIN found f ON other.expected IS NULL AND other.found = f.position)"
        " GROUP BY value HAVING sum(more) <> 0 LIMIT 1"
    ).fetchall()
    return bool(rows)


def _hashed(columns: Sequence[Halves], names: Sequence[str]) -> list[str]:
    """What stands for each column in the hash of a row.

    DuckDB's hash has one number for a null, an empty list and a list or struct of nulls: a nested
    value is told by the first of the rows that have the same one, which it finds by comparing.
    """
    nested = {
        f"c{at}" for at, (one, _) in enumerate(columns) if pa.types.is_nested(one.values.type)
    }
    return [
        f"min(one * position + one) OVER (PARTITION BY {name})" if name in nested else name
        for name in names
    ]


def _conditions(columns: Sequence[Halves]) -> tuple[list[str], str]:
    """Names of the columns, with those of the odd rows, and the condition that all are equal."""
    names = [f"c{at}" for at in range(len(columns))]
    odd = [at for at, pair in enumerate(columns) if any(one.odd is not None for one in pair)]
    names += [f"o{at}" for at in odd]
    return names, " AND ".join(f"e.{name} IS NOT DISTINCT FROM f.{name}" for name in names)


def _register(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Halves], names: Sequence[str]
) -> None:
    connection.register("expected", _table([one for one, _ in columns], names, side=1))
    connection.register("found", _table([one for _, one in columns], names, side=2))


def _table(halves: Sequence[Half], names: Sequence[str], *, side: int = 1) -> pa.Table:
    rows = len(halves[0].values)
    data = {f"c{at}": half.values for at, half in enumerate(halves)}
    for name in names:
        if name.startswith("o"):
            odd = halves[int(name[1:])].odd
            # An odd row of one side is never equal to one of the other: they have two marks.
            marks = pc.if_else(odd, side, 0) if odd is not None else pa.repeat(0, rows)
            data[name] = pc.cast(marks, pa.int8())
    return pa.table({**data, "position": row_positions(0, rows)})


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)
