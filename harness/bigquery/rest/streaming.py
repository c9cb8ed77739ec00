"""Rows that a client streams in by tabledata.insertAll.

Shapes, reasons and rules are those of "Streaming data using the legacy API" and of the method's
page in the REST reference; the texts of the errors are those that clients report.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.cells import row_errors, with_json
from harness.bigquery.errors import ApiError, UnsupportedError, not_found_table
from harness.bigquery.loads.loads import Source, load
from harness.bigquery.partitions.partitions import FORMATS, split_decorator
from harness.bigquery.table_kinds import refuse_changes
from harness.bigquery.types import schema_rest
from harness.clock.current import now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table, TableRef
    from harness.bigquery.rest.uploads import Uploads

# BigQuery remembers an insert id for at least a minute; here the newest of a table are enough.
_KEPT_IDS = 10_000
# So many tables have ids at least before it is asked which of them are gone.
_TABLES = 16
_DAYS_PAST, _DAYS_AHEAD = 31, 16
_STOPPED = {"reason": "stopped", "location": "", "debugInfo": "", "message": ""}


@dataclass
class Streamed:
    """The insert ids that were seen, by table."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    ids: dict[tuple[TableRef, int], OrderedDict[str, None]] = field(default_factory=dict)
    most: int = _TABLES

    def clear(self) -> None:
        """Forget all."""
        with self.lock:
            self.ids.clear()

    def new(self, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
        """The positions of the rows whose insert id was not seen; those without one are new."""
        with self.lock:
            seen = self.ids.get((table.ref, table.created), OrderedDict())
            fresh, here = [], set()
            for position, row in enumerate(rows):
                name = str(row.get("insertId") or "")
                if not name or (name not in seen and name not in here):
                    fresh.append(position)
                here.add(name)
            return fresh

    def add(self, catalog: Catalog, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Remember the insert ids of rows that were written; the catalog's lock is held."""
        names = [str(row["insertId"]) for row in rows if row.get("insertId")]
        if not names:
            return
        with self.lock:
            key = (table.ref, table.created)
            if key not in self.ids and len(self.ids) >= self.most:
                self._forget_gone(catalog)
            seen = self.ids.setdefault(key, OrderedDict())
            seen.update(dict.fromkeys(names))
            while len(seen) > _KEPT_IDS:
                seen.popitem(last=False)

    def _forget_gone(self, catalog: Catalog) -> None:
        """Forget tables that are gone, when there are twice as many as were left the last time."""
        _, tables = catalog.facts()
        self.ids = {
            (ref, created): seen
            for (ref, created), seen in self.ids.items()
            if ref in tables and tables[ref].created == created
        }
        self.most = max(_TABLES, 2 * len(self.ids))


def stream(
    catalog: Catalog,
    streamed: Streamed,
    body: dict[str, Any],
    *,
    ref: TableRef,
    uploads: Uploads,
) -> list[dict[str, Any]]:
    """Write the rows of a request.

    Args:
        catalog: The catalog.
        streamed: The insert ids that were seen.
        body: The request.
        ref: The table.
        uploads: Gives private files.

    Returns:
        The InsertErrors: none of the rows is written where one does not fit, unless
        ``skipInvalidRows`` is set.

    Raises:
        ApiError: The request as a whole is refused.
    """
    given = body.get("rows")
    if not isinstance(given, list) or not given:
        raise ApiError("invalid", "No rows present in the request.", location="rows")
    if not all(isinstance(one, dict) and isinstance(one.get("json", {}), dict) for one in given):
        raise ApiError("invalid", "Invalid JSON payload received: a row is not an object")
    if body.get("templateSuffix"):
        raise UnsupportedError("insertAll with templateSuffix")
    ignore = bool(body.get("ignoreUnknownValues"))
    with catalog.lock:
        table, partition = _table(catalog, ref)
        fresh = streamed.new(table, given)
        bad = {
            position: errors
            for position in fresh
            if (errors := _errors(table, given[position], ignore=ignore))
        }
        if bad and not body.get("skipInvalidRows"):
            return [
                {"index": position, "errors": bad.get(position, [_STOPPED])}
                for position in range(len(given))
            ]
        good = [given[position] for position in fresh if position not in bad]
        if good:
            failure = _write(
                catalog, good, table=table, partition=partition, ignore=ignore, uploads=uploads
            )
            if failure:
                return [{"index": position, "errors": [failure]} for position in range(len(given))]
            streamed.add(catalog, table, good)
    return [{"index": position, "errors": errors} for position, errors in bad.items()]


def _errors(table: Table, row: dict[str, Any], *, ignore: bool) -> list[dict[str, str]]:
    return row_errors(table.fields, row.get("json") or {}, ignore=ignore)


def _table(catalog: Catalog, ref: TableRef) -> tuple[Table, str]:
    """The table and the partition id of a decorator, which may be empty."""
    name, partition = split_decorator(ref.table)
    ref = replace(ref, table=name)
    table = catalog.find_table(ref)
    if table is None:
        catalog.dataset(ref.project, ref.dataset)
        raise not_found_table(str(ref))
    if table.view is not None:
        raise ApiError("invalid", "Cannot add rows to a table of type VIEW.")
    if table.external is not None:
        raise ApiError("invalid", "Cannot add rows to a table of type EXTERNAL.")
    refuse_changes(table)
    if not table.fields:
        raise ApiError("invalid", "The destination table has no schema.")
    if partition:
        _check_partition(table, partition)
    return table, partition


def _check_partition(table: Table, partition: str) -> None:
    """Refuse a partition that rows cannot be streamed into.

    Source: "Streaming into partitioned tables" of the reference: of a table that is cut by the day
    of arrival, within the last 31 days and the next 16; of one that is cut by a column, none.
    """
    cut = table.partitioning
    if cut is None or not cut.by_ingestion or cut.type != "DAY":
        raise ApiError("invalid", f"Streaming to metadata partition of column based partitioning "
                       f"table {table.ref}${partition} is disallowed.")  # fmt: skip
    cut.check_id(partition)
    day = dt.datetime.strptime(partition, FORMATS["DAY"]).replace(tzinfo=dt.UTC)
    ahead = (day.date() - dt.datetime.fromtimestamp(now(), dt.UTC).date()).days
    if not -_DAYS_PAST <= ahead <= _DAYS_AHEAD:
        raise ApiError(
            "invalid",
            f"The destination table's partition {table.ref.table}${partition} is outside the "
            f"allowed bounds. You can only stream to partitions within {_DAYS_PAST} days in the "
            f"past and {_DAYS_AHEAD} days in the future relative to the current date.",
        )


def _filled(catalog: Catalog, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the defaults of the columns that they leave out."""
    if all(one.default is None for one in table.fields):
        return rows
    from harness.bigquery.column_defaults import with_defaults  # noqa: PLC0415

    return with_defaults(catalog.database, table.fields, rows)


def _write(
    catalog: Catalog,
    rows: Sequence[dict[str, Any]],
    *,
    table: Table,
    partition: str,
    ignore: bool,
    uploads: Uploads,
) -> dict[str, str] | None:
    path = uploads.file()
    try:
        given = _filled(catalog, table, [row.get("json") or {} for row in rows])
        path.write_text(
            "\n".join(json.dumps(with_json(table.fields, row)) for row in given),
            "utf-8",
        )
        load(
            catalog,
            {
                "sourceFormat": "NEWLINE_DELIMITED_JSON",
                "schema": schema_rest(table.fields),
                "ignoreUnknownValues": ignore,
                "createDisposition": "CREATE_NEVER",
            },
            ref=table.ref,
            partition=partition,
            source=Source(paths=(path,)),
            gcs_endpoint=None,
        )
    except ApiError as error:
        if isinstance(error, UnsupportedError):
            raise
        message = str(error.details[-1]["message"]) if error.details else error.message
        return {"reason": "invalid", "location": "", "debugInfo": "", "message": message}
    finally:
        path.unlink(missing_ok=True)
    return None
