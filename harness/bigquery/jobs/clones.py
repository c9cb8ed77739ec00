"""Copy jobs that keep a state of a table: snapshots, clones, and a snapshot brought back.

"Introduction to table snapshots", "Introduction to table clones" and JobConfigurationTableCopy of
the reference have the rules. A table's facts go with its rows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, not_found_table
from harness.bigquery.loads.dispositions import checked_create, checked_write
from harness.bigquery.table_kinds import check_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog

KINDS = ("SNAPSHOT", "CLONE", "RESTORE")
# What a table made from another does not take over.
_OWN = ("expirationTime", "snapshotDefinition", "cloneDefinition")


def keep_state(
    catalog: Catalog, configuration: Mapping[str, Any], source: Table, destination: TableRef
) -> int:
    """Do such a copy job; the catalog's lock is held.

    Args:
        catalog: The catalog.
        configuration: The JobConfigurationTableCopy.
        source: The table that is copied.
        destination: Where to.

    Returns:
        How many rows the new table has.

    Raises:
        ApiError: BigQuery would refuse it; nothing has changed then.
    """
    kind = str(configuration["operationType"])
    check_kind(source, "SNAPSHOT" if kind == "RESTORE" else "TABLE")
    catalog.dataset(destination.project, destination.dataset)
    old = catalog.find_table(destination)
    _check_destination(configuration, kind, old, destination)
    moment = now_ms()
    kept = {name: value for name, value in source.kept.items() if name not in _OWN}
    if kind != "RESTORE":
        name = kind.lower()
        told = {"baseTableReference": source.ref.rest(), f"{name}Time": _rfc3339(moment)}
        kept[f"{name}Definition"] = told
    expires = configuration.get("destinationExpirationTime")
    if expires:
        kept["expirationTime"] = str(_milliseconds(str(expires)))
    rows_in = catalog.database.create(source.fields, pseudo=source.pseudo)
    with catalog.database.cursor() as cursor:
        cursor.execute(f"INSERT INTO {rows_in} BY NAME SELECT * FROM {source.rows_in}")  # noqa: S608
    made = replace(
        source,
        ref=destination,
        kept=kept,
        policy=old.policy if old else None,
        rows_in=rows_in,
        created=old.created if old else moment,
        partitions=(),
    )
    return catalog.put_table(made).rows


def _check_destination(
    configuration: Mapping[str, Any], kind: str, old: Table | None, destination: TableRef
) -> None:
    write = checked_write(configuration.get("writeDisposition"), default="WRITE_EMPTY")
    create = checked_create(configuration.get("createDisposition"))
    if old is None:
        if not create:
            raise not_found_table(str(destination))
        return
    if kind != "RESTORE" or write == "WRITE_EMPTY":
        raise ApiError("duplicate", f"Already Exists: Table {destination}")
    if write == "WRITE_APPEND":
        raise ApiError("invalid", "WRITE_APPEND is not supported for a RESTORE operation.")
    check_kind(old, "TABLE")


def _rfc3339(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat().replace("+00:00", "Z")


def _milliseconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiError("invalid", f"Invalid value for destinationExpirationTime: {text}") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    found = int(moment.timestamp() * 1000)
    if found <= now_ms():
        raise ApiError("invalid", "destinationExpirationTime must be in the future")
    return found
