"""The private DuckDB that holds the rows, and the macros that mend its arithmetic.

Rows live in tables with made-up names (``t_17``): BigQuery's names differ by case and a table
that is written anew is a new DuckDB table that takes the old one's place in the catalog.
"""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.clocked import CLOCK_MACROS, told
from harness.bigquery.sql.macros import LATER, MACROS, groups_in
from harness.bigquery.types import is_made_up, quoted
from harness.bigquery.vectors.registry import make_known, named_in
from harness.clock.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from harness.bigquery.types import Field


class Database:
    """DuckDB in memory; one cursor an operation, so that clients do not wait for each other.

    Args:
        clock: What statements take for the time; the real one if not given.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._names = itertools.count(1)
        self._known: set[str] = set()
        self._learning = threading.Lock()
        self._open: set[duckdb.DuckDBPyConnection] = set()
        # A cursor must not be closed while it is interrupted.
        self._opening = threading.Lock()
        self._connecting = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def connected(self) -> duckdb.DuckDBPyConnection:
        """DuckDB's connection; the first call imports and opens DuckDB, which takes 0.1 s."""
        with self._connecting:
            if self._connection is None:
                self._connection = _connect()
            return self._connection

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of one's own, closed at the end."""
        cursor = self.connected().cursor()
        with self._opening:
            self._open.add(cursor)
        try:
            if self.clock.offset:
                cursor.execute(told(self.clock.offset))
            yield cursor
        except RuntimeError as error:
            # DuckDB's binding cannot make a text of names or messages that a damaged file gave.
            if "nanobind::str" not in str(error):
                raise
            raise ApiError("invalid", "The data holds text that is not valid UTF-8.") from error
        finally:
            with self._opening:
                self._open.discard(cursor)
            cursor.close()

    def interrupt(self) -> None:
        """End what DuckDB does at the moment; who waits for it gets its InterruptException."""
        with self._opening:
            for cursor in self._open:
                cursor.interrupt()

    def know(self, sql: str) -> None:
        """Learn what a part of a statement calls beyond DuckDB's own functions, if not known yet.

        Args:
            sql: DuckDB's SQL, in which functions of ``harness.bigquery.vectors`` and macros are
                called by name.
        """
        wanted = {*groups_in(sql), *named_in(sql)} - self._known
        if not wanted:
            return
        with self._learning:
            for name in wanted - self._known:
                if name in LATER:
                    with self.cursor() as cursor:
                        cursor.execute(";".join(LATER[name]))
                else:
                    make_known(self.connected(), name)
                self._known.add(name)

    def new_name(self) -> str:
        """A table name that was never used."""
        return f"rows.t_{next(self._names)}"

    def create(self, fields: Sequence[Field], *, pseudo: Sequence[str] = ()) -> str:
        """Make an empty table.

        Args:
            fields: The columns.
            pseudo: Names of timestamp columns that no client sees.

        Returns:
            Its name.
        """
        if any(map(is_made_up, fields)):
            self.know("bq_big bqs_big")
        name = self.new_name()
        columns = [
            f"{quoted(field.name)} {field.duckdb_type}"
            + (" NOT NULL" if field.mode == "REQUIRED" else "")
            + (f" DEFAULT ({_default(field)})" if field.default is not None else "")
            for field in fields
        ]
        columns += [f"{quoted(column)} TIMESTAMP WITH TIME ZONE" for column in pseudo]
        # DuckDB has no table without columns; BigQuery has.
        columns = columns or ['"__no_columns" BOOLEAN']
        with self.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        return name

    def drop(self, name: str) -> None:
        """Remove a table."""
        with self.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")

    def drop_all(self) -> None:
        """Remove every table."""
        with self.cursor() as cursor:
            cursor.execute("DROP SCHEMA rows CASCADE")
            cursor.execute("CREATE SCHEMA rows")

    def scalar(self, sql: str) -> Any:
        """The first value of the first row."""
        with self.cursor() as cursor:
            row = cursor.execute(sql).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Forget everything."""
        with self._connecting:
            if self._connection is not None:
                self._connection.close()


def _connect() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415

    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # An error inside DuckDB, as at a damaged file, costs its own statement and no
            # tables: nothing of theirs is on a disk, where it could come apart.
            "disable_database_invalidation": True,
            "enable_external_access": True,
        },
    )
    # Both are BigQuery's: civil times are read in UTC, and a result keeps its order.
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute(";".join((*MACROS, *CLOCK_MACROS)))
    connection.execute("CREATE SCHEMA rows; CREATE SCHEMA kept")
    return connection


def _default(field: Field) -> str:
    from harness.bigquery.column_defaults import default_sql  # noqa: PLC0415

    return default_sql(field)
