"""A script: the statements of one request, and what they share.

Source: "Procedural language" and "System variables reference" of the GoogleSQL reference. There are
variables, temporary tables and functions; there is no flow of control.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import INT64, STRING, Kind, Value
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import TableRef
    from harness.bigquery.sql.parse import Part
    from harness.bigquery.statements.statement import Statement


@dataclass
class Script:
    """The statements of one request, and what they share.

    Attributes:
        catalog: The catalog.
        statement: The whole request.
        parts: Its statements.
        job_id: Of the job that runs it.
        variables: What DECLARE and SET have given names to.
        temporary: The tables that live as long as the script, by their names in lower case.
        values: DuckDB tables that hold the values of variables.
        row_count: Rows that the last DML statement has changed.
        bytes: Bytes that were read so far.
        billed: Bytes that its statements would be billed for so far.
        children: How many child jobs there are so far.
    """

    catalog: Catalog
    statement: Statement
    parts: Sequence[Part]
    job_id: str = ""
    variables: dict[str, Value] = field(default_factory=dict)
    temporary: dict[str, TableRef] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    row_count: int | None = None
    bytes: int = 0
    billed: int = 0
    children: int = 0

    def set_default(self, name: str, value: str, *, at: str) -> None:
        """Change a system variable.

        Raises:
            ApiError: It is not one that the stub changes.
        """
        project, dataset = self.statement.dataset or (self.statement.home, "")
        if name == "dataset_id":
            dataset = value
        elif name == "dataset_project_id":
            project = value
        else:
            raise UnsupportedError(f"SET @@{name}{at}")
        # "System variables": of names with a dataset too.
        self.statement = replace(
            self.statement, names_in=project, dataset=(project, dataset) if dataset else None
        )

    def forget(self, ref: TableRef) -> None:
        """A temporary table that is gone has no name any more."""
        self.temporary = {name: one for name, one in self.temporary.items() if one != ref}

    def drop(self) -> None:
        """Remove what lives only as long as the script."""
        for ref in self.temporary.values():
            if self.catalog.find_table(ref) is not None:
                self.catalog.remove_table(ref)
        for name in self.values:
            self.catalog.database.drop(name)


def system_variable(name: str, *, statement: Statement, script: Script | None, at: str) -> Value:
    """What a system variable stands for.

    Args:
        name: Without ``@@``, in lower case.
        statement: The statement that names it.
        script: What it is part of, or None.
        at: The place in the statement, for the message.

    Raises:
        ApiError: There is none of that name, or the stub does not have it.
    """
    project, dataset = statement.dataset or (statement.home, None)
    texts = {
        "project_id": statement.project,
        "dataset_id": dataset or None,
        "dataset_project_id": project,
        "time_zone": "UTC",
        "script.job_id": script.job_id if script else None,
    }
    numbers = {
        "row_count": script.row_count if script else None,
        "script.bytes_processed": script.bytes if script else None,
        "script.num_child_jobs": script.children if script else None,
    }
    if name in texts:
        return _constant(texts[name], STRING)
    if name in numbers:
        return _constant(numbers[name], INT64)
    if name.startswith(_REAL):
        raise UnsupportedError(f"@@{name}{at}")
    raise ApiError("invalidQuery", f"Unrecognized name: @@{name}{at}", location="query")


_REAL = (
    "current_job_id",
    "error.",
    "last_job_id",
    "location",
    "query_label",
    "reservation",
    "script.",
    "session_id",
)


def _constant(value: str | int | None, kind: Kind) -> Value:
    text = "NULL" if value is None else literal(str(value))
    return Value(f"CAST({text} AS {kind.duckdb})", kind)
