"""A statement as a client gives it, and what it has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.entries import TableRef
    from harness.bigquery.routines import RoutineRef
    from harness.bigquery.types import Field


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement and what it is to be read with.

    Attributes:
        text: The SQL.
        project: Where it runs.
        names_in: The project of names without one, where it is another.
        dataset: Of names without one, as project and dataset, or None.
        location: Where the job runs as the client says, or nothing.
        parameters: Query parameters in REST's form.
        definitions: External tables of the query alone, by name, in REST's form.
        kept: Whether the answer goes into a table that the client names.
    """

    text: str
    project: str
    names_in: str = ""
    dataset: tuple[str, str] | None = None
    location: str = ""
    parameters: Sequence[Mapping[str, Any]] = ()
    definitions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    kept: bool = False

    @property
    def home(self) -> str:
        """The project of names without one."""
        return self.names_in or self.project


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a statement did.

    Attributes:
        type: BigQuery's statement type, such as ``SELECT``.
        fields: The columns of the answer.
        staged: The DuckDB table that holds the answer, or None where there is none.
        affected: Rows that DML has changed, or None.
        dml: The same by kind: inserted, updated, deleted.
        tables: Tables that were read.
        bytes: Bytes of the columns that were read.
        target: The table that DDL or DML was about, or None.
        routine: The routine that DDL was about, or None.
        ddl: ``CREATE``, ``REPLACE``, ``SKIP``, ``DROP``, ``ALTER`` or an empty string.
    """

    type: str
    fields: tuple[Field, ...] = ()
    staged: str | None = None
    affected: int | None = None
    dml: Mapping[str, int] = field(default_factory=dict)
    tables: tuple[TableRef, ...] = ()
    bytes: int = 0
    target: TableRef | None = None
    routine: RoutineRef | None = None
    ddl: str = ""
