"""What may be expected of a table: another one, wherever it is, as one side of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError
from harness.expect.layout import kind_of, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from harness.expect.subject import Subject

GIVEN = "the given table"
"""What a message calls a table that a test gives."""
_ACCEPTED = (
    "give a target of expect, a pyarrow.Table, a frame of pandas or polars, a list of dicts, or "
    "the path of a csv, json or parquet file"
)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two tables that are compared.

    Attributes:
        label: What a message calls it.
        table: Its rows.
        types: For each column the type in the service's own terms; Arrow's where it has none.
        numeric: The texts of PostgreSQL's NUMERIC with NaN or infinity, which are doubles in the
            table, since Arrow's decimals have neither.
    """

    label: str
    table: pa.Table
    types: Mapping[str, str] = field(default_factory=dict)
    numeric: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)

    def exact(self, name: str) -> pa.ChunkedArray:
        """A column with all the digits that its service gave."""
        return self.numeric.get(name, self.table.column(name))

    def type_of(self, name: str) -> str:
        """The type of a column, as its service calls it."""
        return self.types.get(name) or str(self.table.schema.field(name).type)


def side_of(subject: Subject) -> Side:
    """What was read of a service."""
    types = {column.name: column.type for column in subject.columns}
    return _side(subject.label, subject.table, types)


def _side(label: str, table: pa.Table, types: Mapping[str, str]) -> Side:
    numeric = {}
    for at, one in enumerate(table.schema):
        is_numeric = (one.metadata or {}).get(b"POSTGRESQL:type") == b"numeric"
        if is_numeric and pa.types.is_string(one.type):
            numeric[one.name] = table.column(at)
            table = table.set_column(at, one.name, pc.cast(table.column(at), pa.float64()))
    return Side(label=label, table=table, types=types, numeric=numeric)


def given(expected: Any, *, found: pa.Schema) -> Side:
    """What a test gives in place of a table.

    Args:
        expected: A ``pyarrow.Table``, a frame, a list of dicts, or a path.
        found: What it is compared with. Texts of a list or a csv file are read as the types found,
            where they are values of them, since they have no types of their own.

    Raises:
        InputError: It is none of these, or cannot be read.
    """
    if isinstance(expected, str | Path):
        return Side(label=f"file {expected}", table=_file(Path(expected), found))
    try:
        if isinstance(expected, pa.Table):
            return _side(GIVEN, expected, {})
        if _is_pandas(expected):
            table = pa.Table.from_pandas(expected, preserve_index=False)
            return Side(label="the given frame", table=table.replace_schema_metadata())
        if hasattr(expected, "__arrow_c_stream__"):
            return Side(label="the given frame", table=pa.table(expected))
        if _is_records(expected):
            table = _as_found(_records(expected, found), found)
            return Side(label="the given rows", table=table)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            "what is expected cannot be made a table", cause=str(error), remedy=_ACCEPTED
        ) from error
    raise InputError(f"a {type(expected).__name__} is no table", remedy=_ACCEPTED)


def _is_pandas(expected: Any) -> bool:
    return type(expected).__module__.partition(".")[0] == "pandas" and hasattr(expected, "columns")


def _is_records(expected: Any) -> bool:
    if not isinstance(expected, Sequence):
        return False
    return all(isinstance(row, dict) for row in expected)


def _records(rows: Sequence[dict[str, Any]], found: pa.Schema) -> pa.Table:
    """Each column by itself: a key that a row lacks is null."""
    if not rows:
        return found.empty_table()
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


def _as_found(
    table: pa.Table, found: pa.Schema, *, guessed: Collection[str] = ("text",)
) -> pa.Table:
    """Columns of guessed kinds read as the types found; those that are no such values stay."""
    for at, name in enumerate(table.column_names):
        places = found.get_all_field_indices(name)
        column = table.column(at)
        if len(places) != 1 or kind_of(column.type) not in guessed:
            continue
        wanted = found.field(places[0]).type
        if kind_of(wanted) in {"date", "timestamp", "time", "number"}:
            try:
                table = table.set_column(at, name, pc.cast(plain(column), wanted))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                continue
    return table


def _file(path: Path, found: pa.Schema) -> pa.Table:
    from pyarrow import dataset  # noqa: PLC0415 - few tests read files

    if not path.exists():
        raise InputError(
            f"there is no file {path}",
            evidence=[f"looked in {Path.cwd()}"],
            remedy="a relative path is taken from where the tests run",
        )
    name = path.name.removesuffix(".gz").lower()
    try:
        if path.is_dir():
            return dataset.dataset(path, partitioning="hive").to_table()
        if name.endswith(".csv"):
            return _csv(path, found)
        if name.endswith((".json", ".jsonl", ".ndjson")):
            from pyarrow import json  # noqa: PLC0415

            # Its reader takes days for moments.
            return _as_found(json.read_json(path), found, guessed=("text", "timestamp"))
        return dataset.dataset(path, format="parquet").to_table()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read as a table",
            cause=str(error),
            remedy="give csv with a header, parquet, or JSON with one object in each line, no list",
        ) from error


def _csv(path: Path, found: pa.Schema) -> pa.Table:
    """Read with the types found, so that ``007`` stays a text where a text was written."""
    from pyarrow import csv  # noqa: PLC0415

    texts = {one.name: pa.string() for one in found if kind_of(one.type) == "text"}
    options = csv.ConvertOptions(
        column_types=texts,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    return _as_found(csv.read_csv(path, convert_options=options), found)
