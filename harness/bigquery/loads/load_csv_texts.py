"""The texts of CSV files in one table, and their way into a table with types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.loads.load_bad import BadRow, Staged, judged
from harness.bigquery.loads.load_csv_records import is_gzip, lines_of, sound
from harness.bigquery.loads.load_csv_times import read_text
from harness.bigquery.types import Field, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from harness.bigquery.database import Database
    from harness.bigquery.loads.load_csv_options import Options
    from harness.bigquery.loads.loads import Source

_ROW_BYTES = 104_857_600
_TOLD_AS = {"FLOAT64": "DOUBLE"}
# Where the byte at which a row starts goes into its message.
_PLACE = "\x1e"


class Texts:
    """The texts of all files in one table, and what of them does not fit."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        files: Source,
        options: Options,
        raw: str,
    ) -> None:
        self._cursor = cursor
        self._files = files
        self._options = options
        self._raw = raw
        self._count = 0
        self._skip = 0
        self._bad: list[BadRow] = []
        self._starts: dict[int, list[int]] = {}
        self._rows: dict[int, list[int]] = {}
        self.headed = False

    def read(self, *, count: int, skip: int) -> None:
        """Read all files as texts."""
        import duckdb  # noqa: PLC0415

        self._count, self._skip = count, skip
        columns = ", ".join(f"c{number} VARCHAR" for number in range(count))
        self._cursor.execute(f"CREATE TABLE {self._raw} (f INTEGER, r BIGINT, {columns})")
        for file, path in enumerate(self._files.paths):
            try:
                self._insert(file, path)
                whole = self._whole(file, path)
            except duckdb.Error:
                whole = False
            if not whole:
                self._cursor.execute(f"DELETE FROM {self._raw} WHERE f = {file}")  # noqa: S608
                self._bad += self._look(file, keep=True)

    def typed(
        self, database: Database, fields: Sequence[Field], *, places: Sequence[int | None]
    ) -> Staged:
        """Bring the rows that fit into a table with the columns' types.

        Args:
            database: Holds the rows.
            fields: The columns.
            places: Where each stands in the file, or None where it does not.
        """
        values = [self._value(field, place) for field, place in zip(fields, places, strict=True)]
        formats = self._options.formats
        problem = _problem(fields, values, formats)
        database.know(problem)
        wrong = self._cursor.execute(
            f"SELECT f, r, {problem} FROM {self._raw} WHERE {problem} IS NOT NULL ORDER BY f, r"  # noqa: S608
        ).fetchall()
        for file, row, message in wrong:
            if file not in self._starts:
                self._look(file)
            place = row + (1 if self.headed else 0)
            start = self._starts[file][place]
            told = message.replace(_PLACE, str(start))
            self._bad.append(BadRow(file=file, row=self._rows[file][place], message=told))
        self._bad.sort(key=lambda one: (one.file, one.row))
        warnings = judged(
            "CSV",
            self._bad,
            allowed=self._options.allowed,
            names=self._files.names,
            before=self._before(),
        )
        staged = database.create(fields)
        try:
            cells = ", ".join(
                read_text(one.type, value, formats)
                for one, value in zip(fields, values, strict=True)
            )
            good = f" WHERE {problem} IS NULL" if wrong else ""
            self._cursor.execute(f"INSERT INTO {staged} SELECT {cells} FROM {self._raw}{good}")  # noqa: S608
        except BaseException:
            database.drop(staged)
            raise
        return Staged(fields=tuple(fields), table=staged, bad=len(self._bad), warnings=warnings)

    def _insert(self, file: int, path: Path) -> None:
        options = self._options
        named = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(self._count))
        packed = is_gzip(path)
        longest = _ROW_BYTES if packed else min(max(path.stat().st_size, 1 << 16), _ROW_BYTES)
        # Without the quotes an empty field is NULL, in them it is an empty text.
        self._cursor.execute(
            f"INSERT INTO {self._raw} SELECT {file}, row_number() OVER () - 1, * FROM read_csv("  # noqa: S608
            f"{literal(str(path))}, auto_detect = false, header = false, "
            f"columns = {{{named}}}, skip = {self._skip}, delim = {literal(options.delimiter)}, "
            f"quote = {literal(options.quote)}, escape = {literal(options.quote)}, "
            f"nullstr = '', allow_quoted_nulls = false, "
            f"null_padding = {str(options.jagged).lower()}, "
            f"compression = '{'gzip' if packed else 'none'}', "
            f"parallel = false, max_line_size = {longest})"
        )

    def _whole(self, file: int, path: Path) -> bool:
        """Whether DuckDB has read all lines of a file, and nothing that BigQuery refuses.

        It says nothing of a quote that is never closed: what follows it is missing then.
        """
        texts = [f"c{number}" for number in range(self._count)]
        newlines = " + ".join(
            f"length({one}) - length(replace({one}, chr(10), ''))" for one in map(_or_empty, texts)
        )
        marks = [] if self._options.control else ["chr(0)"]
        marks += [] if self._options.quoted_newlines else ["chr(13)"]
        tests = [f"contains({one}, {mark})" for one in texts for mark in marks]
        strange = " OR ".join(tests or ["false"])
        rows, within, found = self._cursor.execute(
            f"SELECT count(*), coalesce(sum({newlines}), 0), coalesce(bool_or({strange}), false) "  # noqa: S608
            f"FROM {self._raw} WHERE f = {file}"
        ).fetchall()[0]
        if found or (within and not self._options.quoted_newlines):
            return False
        return bool(rows + within == max(lines_of(path) - self._skip, 0))

    def _look(self, file: int, *, keep: bool = False) -> list[BadRow]:
        """Look at each record of a file; the sound ones are kept if they were not yet."""
        import pyarrow as pa  # noqa: PLC0415

        taken = 0

        def take(rows: list[list[str | None]]) -> None:
            nonlocal taken
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            names = [f"c{number}" for number in range(len(columns))]
            self._cursor.register("taken", pa.table(columns, names=names))
            self._cursor.execute(
                f"INSERT INTO {self._raw} SELECT {file}, {taken} + row_number() OVER () - 1, * "  # noqa: S608
                "FROM taken"
            )
            self._cursor.unregister("taken")
            taken += len(rows)

        records = sound(
            self._files.paths[file],
            self._options,
            file=file,
            count=self._count,
            skip=self._skip,
            take=take if keep else None,
        )
        self._starts[file], self._rows[file] = records.starts, records.rows
        return records.bad

    def _before(self) -> list[int]:
        counts = dict(
            self._cursor.execute(f"SELECT f, count(*) FROM {self._raw} GROUP BY f").fetchall()  # noqa: S608
        )
        total, before = 0, []
        for file in range(len(self._files.paths)):
            before.append(total)
            total += counts.get(file, 0) + sum(one.file == file for one in self._bad)
        return before

    def _value(self, field: Field, place: int | None) -> str:
        if place is None:
            return "CAST(NULL AS VARCHAR)"
        column = f"c{place}"
        if self._options.markers:
            # An empty field is an empty text then, and nothing that a number could be.
            listed = ", ".join(map(literal, self._options.markers))
            text = f"coalesce({column}, '')"
            return f"CASE WHEN {text} NOT IN ({listed}) THEN {text} END"
        return column if field.type in ("STRING", "BYTES") else f"nullif({column}, '')"


def _or_empty(text: str) -> str:
    return f"coalesce({text}, '')"


def _problem(fields: Sequence[Field], values: Sequence[str], formats: Mapping[str, str]) -> str:
    """SQL of what is wrong with a row: the first field that does not fit."""
    cases = []
    for number, (field, value) in enumerate(zip(fields, values, strict=True)):
        if field.mode == "REQUIRED":
            text = f"Required column value for column index: {number} is missing in row starting at"
            cases.append(f"WHEN {value} IS NULL THEN {literal(f'{text} position: {_PLACE}')}")
        if field.type == "STRING":
            continue
        told = _TOLD_AS.get(field.type, field.type)
        tail = f"' as {told} for field {field.name} (position {number}) starting at location "
        cases.append(
            f"WHEN {value} IS NOT NULL AND ({read_text(field.type, value, formats)}) IS NULL THEN "
            f"'Could not parse ''' || {value} || "
            + literal(f"{tail}{_PLACE} with message 'Unable to parse'")
        )
    return f"(CASE {' '.join(cases)} END)" if cases else "NULL"
