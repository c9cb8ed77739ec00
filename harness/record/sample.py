"""Which rows of a table stand for all of it: the same each time, and none that is special lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# A column with so few values is a category, and each of them is kept.
_FEW = 200
_NUMBERS = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT")
_TIMES = ("DATE", "TIMESTAMP")


@dataclass(frozen=True, kw_only=True)
class _Column:
    name: str
    type: str

    @property
    def quoted(self) -> str:
        return '"' + self.name.replace('"', '""') + '"'

    @property
    def ordered(self) -> bool:
        return not self.type.endswith("[]") and not self.type.startswith(("STRUCT", "MAP"))


def chosen_rows(connection: duckdb.DuckDBPyConnection, table: str, *, count: int) -> pa.Array:
    """The numbers of the rows to keep, in order.

    Kept are for each column its least and greatest value, a null, zero and negative number, the
    empty, shortest and longest text; each value of a column that has few; each day of a column of
    dates or times. The rest is drawn by a digest of the row's number.

    Args:
        connection: A DuckDB connection.
        table: A table with the column ``n``, the row's number from 0, and the data's columns.
        count: How many rows are wanted. There are more where the special ones are more.

    Returns:
        An array of int64.
    """
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    columns = [_Column(name=row[0], type=row[1]) for row in described if row[0] != "n"]
    connection.execute("CREATE OR REPLACE TEMP TABLE kept (n BIGINT)")
    for column in columns:
        if column.ordered:
            _keep_extremes(connection, table, column)
            _keep_values(connection, table, column, count=count)
    connection.execute(
        # Names of tables and columns cannot be parameters; columns are quoted.
        f"""
        INSERT INTO kept SELECT n FROM {table} ANTI JOIN kept USING (n) ORDER BY md5(n::VARCHAR)
        LIMIT greatest(0, ? - (SELECT count(DISTINCT n) FROM kept))
        """,  # noqa: S608
        [count],
    )
    found = connection.sql("SELECT DISTINCT n FROM kept WHERE n IS NOT NULL ORDER BY n")
    return found.to_arrow_table().column("n").combine_chunks()


def _keep_extremes(connection: duckdb.DuckDBPyConnection, table: str, column: _Column) -> None:
    name = column.quoted
    first = [
        f"arg_min(n, ({name}, n))",
        f"arg_max(n, ({name}, -n))",
        f"min(n) FILTER ({name} IS NULL)",
    ]
    if column.type.startswith(_NUMBERS) or column.type.endswith("INT"):
        first += [f"min(n) FILTER ({name} = 0)", f"min(n) FILTER ({name} < 0)"]
    if column.type == "VARCHAR":
        first += [
            f"min(n) FILTER ({name} = '')",
            f"arg_min(n, (length({name}), n))",
            f"arg_max(n, (length({name}), -n))",
        ]
    listed = ", ".join(first)
    connection.execute(f"INSERT INTO kept SELECT unnest([{listed}]) FROM {table}")  # noqa: S608


def _keep_values(
    connection: duckdb.DuckDBPyConnection, table: str, column: _Column, *, count: int
) -> None:
    """One row for each value of a category, and for each day of a time."""
    name, most = column.quoted, _FEW
    if column.type.startswith(_TIMES):
        name, most = f"{name}::DATE", max(_FEW, count // 4)
    connection.execute(
        f"""
        INSERT INTO kept SELECT first FROM (SELECT min(n) AS first FROM {table} GROUP BY {name})
        WHERE (SELECT count(DISTINCT {name}) FROM {table}) <= {most}
        """  # noqa: S608
    )
