"""Rows of a source PostgreSQL as a parquet file, in columns, and the proof that they came over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.sources.limits import NotKeptError
from harness.sources.postgres_catalog import SESSION, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.services.postgres import Postgres
    from harness.sources.limits import Limits
    from harness.sources.postgres_catalog import Column, Relation, Rows

# Their values are the same in Arrow; all others come as the text that PostgreSQL writes, which the
# table's own type reads again.
_SAME = {
    *("smallint", "integer", "bigint", "boolean", "text", "character varying", "real"),
    *("double precision", "bytea"),
}
# The same too, but for what has no end.
_TIMES = {"date", "timestamp without time zone", "timestamp with time zone"}
_DIGEST = (
    "SELECT count(*)::text AS n, "
    "coalesce(sum(('x' || left(md5(whole_row::text), 15))::bit(60)::int8)::text, '') AS digest "
    "FROM (SELECT {columns} FROM {table}) AS whole_row"
)


def fetch(
    cursor: Any, relation: Relation, columns: Sequence[Column], file: Path, *, limits: Limits
) -> int:
    """Write all rows of a table into a parquet file, and count them.

    Args:
        cursor: ADBC's, in the source.
        relation: The table.
        columns: Its columns.
        file: The file.
        limits: How much it may be.

    Raises:
        NotKeptError: It is more.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415

    cursor.execute(_selection(cursor, relation, columns))
    reader = cursor.fetch_record_batch()
    rows = 0
    with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
            limits.check_read(rows=rows, size=file.stat().st_size)
    limits.check_read(rows=rows, size=file.stat().st_size)
    return rows


def check_same(
    rows: Rows, private: Postgres, relation: Relation, columns: Sequence[Column]
) -> None:
    """Compare a planted table with the source, by the text of all rows.

    Args:
        rows: Asks the source.
        private: Where it was planted.
        relation: The table.
        columns: Its columns.

    Raises:
        NotKeptError: They differ.
    """
    listed = ", ".join(quoted(one.name) for one in columns)
    question = _DIGEST.format(columns=listed or "1", table=relation.sql)
    (there,) = rows(question)
    connection = private.connect()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(SESSION)
            cursor.execute(question)
            here = cursor.fetchone()
    finally:
        connection.close()
    if here != (there["n"], there["digest"]):
        raise NotKeptError("what was kept is not what the source has")


def _selection(cursor: Any, relation: Relation, columns: Sequence[Column]) -> str:
    times = [one.name for one in columns if one.plain in _TIMES]
    endless = _endless(cursor, relation, times) if times else set()
    listed = [
        quoted(one.name)
        if one.plain in _SAME or (one.plain in _TIMES and one.name not in endless)
        else f"{quoted(one.name)}::text AS {quoted(one.name)}"
        for one in columns
        if not one.generated
    ]
    return f"SELECT {', '.join(listed)} FROM {relation.sql}"  # noqa: S608 - quoted


def _endless(cursor: Any, relation: Relation, names: Sequence[str]) -> set[str]:
    asked = ", ".join(f"coalesce(bool_and(isfinite({quoted(name)})), true)" for name in names)
    cursor.execute(f"SELECT {asked} FROM {relation.sql}")  # noqa: S608 - quoted
    found = cursor.fetchall()[0]
    return {name for name, finite in zip(names, found, strict=True) if not finite}
