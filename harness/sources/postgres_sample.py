"""Samples of tables that belong together: a row never loses the row that it refers to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.engine import memory
from harness.record.sample import chosen_rows
from harness.sources.postgres_catalog import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from harness.sources.postgres_catalog import Column, Reference, Relation

_ROW = "mage_harness_row"
_WANTED = f"fetched SEMI JOIN wanted USING ({_ROW})"


class Samples:
    """The tables of which a part is kept, and the foreign keys between them.

    A table that others refer to keeps each row that they need; one that refers to a sample keeps
    rows only whose reference is in it.

    Args:
        references: The foreign keys of the source.
    """

    def __init__(self, references: Sequence[Reference]) -> None:
        self._references = references
        self._files: dict[int, Path] = {}

    def ordered(self, relations: Iterable[Relation]) -> list[Relation]:
        """Those that refer to others before these, so that fewer of their rows are lost."""
        depth = {one.oid: 0 for one in relations}
        for _ in depth:
            for one in self._references:
                if one.child in depth and one.parent in depth and one.child != one.parent:
                    depth[one.parent] = min(
                        len(depth), max(depth[one.parent], depth[one.child] + 1)
                    )
        return sorted(relations, key=lambda one: (depth[one.oid], one.name))

    def take(self, relation: Relation, file: Path, columns: Sequence[Column], *, count: int) -> int:
        """Leave a sample of a table in its file, and count its rows.

        Args:
            relation: The table.
            file: Its parquet file with all rows.
            columns: Its columns.
            count: How many rows are wanted; those that others need come on top.
        """
        with memory() as connection:
            # Names of columns cannot be parameters; they are quoted.
            connection.execute(
                f"CREATE TEMP TABLE fetched AS SELECT file_row_number AS {_ROW}, * "  # noqa: S608
                "EXCLUDE (file_row_number) FROM read_parquet(?, file_row_number = true)",
                [str(file)],
            )
            self._restrict(connection, relation)
            typed = _typed(columns)
            connection.execute(f"CREATE TEMP VIEW data AS SELECT {typed} FROM fetched")  # noqa: S608
            kept = chosen_rows(connection, "data", count=count)
            connection.register("chosen", _table(kept))
            wanted = f"SELECT n AS {_ROW} FROM chosen"  # noqa: S608
            connection.execute(f"CREATE TEMP TABLE wanted AS {wanted}")
            self._extend(connection, relation)
            left = connection.sql(
                f"SELECT * EXCLUDE ({_ROW}) FROM {_WANTED} ORDER BY {_ROW}"  # noqa: S608
            ).to_arrow_table()
        _write(left, file)
        self._files[relation.oid] = file
        rows: int = left.num_rows
        return rows

    def _restrict(self, connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
        for one in self._references:
            parent = self._files.get(one.parent)
            if one.child != relation.oid or parent is None or one.parent == relation.oid:
                continue
            pairs = _pairs(one)
            missing = " AND ".join(f"fetched.{child} IS NOT NULL" for child, _ in pairs)
            same = " AND ".join(f"parent.{key} = fetched.{child}" for child, key in pairs)
            connection.execute(
                f"DELETE FROM fetched WHERE {missing} AND NOT EXISTS "  # noqa: S608
                f"(SELECT 1 FROM read_parquet(?) AS parent WHERE {same})",
                [str(parent)],
            )

    def _extend(self, connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
        """Want what rows that are kept refer to, in this table too, until nothing is missing."""
        before = -1
        while (now := _count(connection)) != before:
            before = now
            for one in self._references:
                if one.parent != relation.oid:
                    continue
                own = one.child == relation.oid
                if not own and one.child not in self._files:
                    continue
                child = f"(FROM {_WANTED})" if own else "read_parquet(?)"
                same = " AND ".join(f"child.{c} = fetched.{k}" for c, k in _pairs(one))
                connection.execute(
                    f"INSERT INTO wanted SELECT {_ROW} FROM fetched ANTI JOIN wanted "  # noqa: S608
                    f"USING ({_ROW}) WHERE EXISTS (SELECT 1 FROM {child} AS child WHERE {same})",
                    [] if own else [str(self._files[one.child])],
                )


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("SELECT count(*) FROM wanted").fetchall()[0][0])


def _pairs(one: Reference) -> list[tuple[str, str]]:
    """The child's columns and the parent's, quoted."""
    both = zip(json.loads(one.columns), json.loads(one.keys), strict=True)
    return [(quoted(child), quoted(key)) for child, key in both]


def _typed(columns: Sequence[Column]) -> str:
    """What rows are chosen by; numbers that were fetched as text are numbers again."""
    names = [
        f"TRY_CAST({quoted(one.name)} AS DOUBLE)" if one.plain == "numeric" else quoted(one.name)
        for one in columns
        if not one.generated
    ]
    # A column may have the name by which rows are numbered.
    return ", ".join([f"{_ROW} AS n", *(f"{one} AS c{at}" for at, one in enumerate(names))])


def _table(kept: pa.Array) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    return pa.table({"n": kept})


def _write(rows: pa.Table, file: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(rows, file, compression="zstd")
