"""Rows that do not fit: how many a job takes, and BigQuery's words for them.

The three kinds of message and their order are those of jobs recorded on the real service: the
table's, the processing's, then one a row with the byte at which the row starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.types import Field

READING = "Error while reading data, error message:"
# The real service tells of some rows only; all are counted.
_TOLD = 50


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that does not fit.

    Attributes:
        file: The file's place among the job's.
        row: The row's place in the file, from 0.
        message: What is wrong with it.
    """

    file: int
    row: int
    message: str


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What a reader has read.

    Attributes:
        fields: The columns.
        table: The DuckDB table that holds the rows.
        bad: How many rows were left out.
        warnings: ErrorProtos of these.
    """

    fields: tuple[Field, ...]
    table: str
    bad: int = 0
    warnings: tuple[dict[str, str], ...] = ()


def whole_number(configuration: Mapping[str, Any], name: str) -> int:
    """A part of a JobConfigurationLoad that is a number of at least 0; absent it is 0.

    Raises:
        ApiError: It is not one.
    """
    given = configuration.get(name)
    text = str(0 if given is None else given)
    if not (text.isascii() and text.isdigit()):
        raise ApiError("invalid", f"Invalid value for {name}: {text}", location=name)
    return int(text)


def judged(
    kind: str, bad: Sequence[BadRow], *, allowed: int, names: Sequence[str], before: Sequence[int]
) -> tuple[dict[str, str], ...]:
    """Tell of rows that are left out.

    Args:
        kind: ``CSV`` or ``JSON``.
        bad: The rows, in order.
        allowed: The job's ``maxBadRecords``.
        names: The files' names as the client knows them; none for an upload.
        before: For each file the rows of those before it.

    Returns:
        ErrorProtos for the job's ``status.errors``.

    Raises:
        ApiError: They are more than allowed.
    """
    told = tuple(_proto(one.message, names, one.file) for one in bad[: min(allowed + 1, _TOLD)])
    if len(bad) <= allowed:
        return told
    last = bad[allowed]
    rows, errors = before[last.file] + last.row + 1, allowed + 1
    counts = f"giving up. Rows: {rows}; errors: {errors}"
    table = _proto(
        f"{kind} table encountered too many errors, {counts}. Please look into the errors[] "
        "collection for more details.",
        names,
        last.file,
    )
    processing = _proto(
        f"{kind} processing encountered too many errors, {counts}; max bad: {allowed}; "
        "error percent: 0",
        (),
        0,
    )
    raise ApiError(
        "invalid",
        table["message"],
        location=table.get("location", ""),
        details=(processing, *told),
    )


def _proto(message: str, names: Sequence[str], file: int) -> dict[str, str]:
    proto = {"reason": "invalid"}
    if names:
        proto["location"] = names[file]
        message = f"{message} File: {names[file]}"
    return {**proto, "message": f"{READING} {message}"}
