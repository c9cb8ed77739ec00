"""OPTIONS of tables, views and datasets, as the lists of the reference's page on DDL have them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.entries import now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import TIMESTAMP
from harness.bigquery.sql.places import at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Session

_DAY_MS = 86_400_000
_MINUTE_MS = 60_000
_TEXTS = {"description": "description", "friendly_name": "friendlyName", "labels": "labels"}
_MATERIALIZED = {
    "enable_refresh": "enableRefresh",
    "refresh_interval_minutes": "refreshIntervalMs",
    "allow_non_incremental_definition": "allowNonIncrementalDefinition",
    "max_staleness": "maxStaleness",
}
_DATASET = {
    **_TEXTS,
    "default_table_expiration_days": "defaultTableExpirationMs",
    "default_partition_expiration_days": "defaultPartitionExpirationMs",
    "max_time_travel_hours": "maxTimeTravelHours",
    "storage_billing_model": "storageBillingModel",
}


def options_of(session: Session, properties: exp.Expr | None) -> dict[str, Any]:
    """The options that a statement gives: texts, numbers, labels as a mapping, None for NULL.

    Raises:
        ApiError: A value is no constant.
    """
    given: dict[str, Any] = {}
    for one in properties.expressions if properties is not None else ():
        if isinstance(one, exp.LocationProperty):
            given["location"] = one.this.name
        elif type(one) is exp.Property:
            given[one.name.lower()] = _value(session, one.name.lower(), one.args["value"])
    return given


def with_table_options(table: Table, options: Mapping[str, Any], *, place: str = "") -> Table:
    """A table or view with other options; NULL takes one away.

    Args:
        table: The table.
        options: What ``options_of`` tells.
        place: Where they stand, for the message.

    Raises:
        ApiError: There is no such option here, or the stub does not have it.
    """
    kept: dict[str, Any] = dict(table.kept)
    for name, value in options.items():
        if name in _TEXTS:
            _set(kept, _TEXTS[name], value)
        elif name == "expiration_timestamp":
            _set(kept, "expirationTime", value)
        elif name == "require_partition_filter" and table.view is None:
            table = replace(table, require_filter=bool(value))
        elif name == "partition_expiration_days" and table.partitioning is not None:
            expiration = None if value is None else _milliseconds(name, value, of=_DAY_MS)
            table = replace(table, partitioning=replace(table.partitioning, expiration=expiration))
        elif name in _MATERIALIZED and "materializedView" in kept:
            refresh = _milliseconds(name, value, of=_MINUTE_MS) if "minutes" in name else value
            kept["materializedView"] = {
                **kept["materializedView"],
                _MATERIALIZED[name]: refresh,
            }
        else:
            raise UnsupportedError(f"option {name}{place}")
    return replace(table, kept=kept)


def with_dataset_options(kept: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a dataset, with other options; NULL takes one away.

    Raises:
        ApiError: There is no such option, or the stub does not have it.
    """
    new = dict(kept)
    for name, value in options.items():
        if name == "location":
            continue
        if name not in _DATASET:
            raise UnsupportedError(f"option {name} of a schema")
        days = name.endswith("_days") and value is not None
        _set(new, _DATASET[name], _milliseconds(name, value, of=_DAY_MS) if days else value)
    return new


def _milliseconds(name: str, value: Any, *, of: int) -> str:
    """A number of days or minutes in milliseconds, as REST has it."""
    try:
        return str(int(float(value) * of))
    except (OverflowError, TypeError, ValueError) as error:
        raise ApiError("invalidQuery", f"Invalid value for option {name}: {value}") from error


def _set(kept: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        kept.pop(name, None)
    else:
        kept[name] = value


def _value(session: Session, name: str, node: exp.Expr) -> Any:
    if isinstance(node, exp.Null):
        return None
    if name == "expiration_timestamp":
        return _moment(session, node)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Array) and name == "labels":
        if any(len(pair.expressions) != len(("key", "value")) for pair in node.expressions):
            raise ApiError("invalidQuery", f"Invalid value for option labels{at(node)}")
        return {pair.expressions[0].name: pair.expressions[1].name for pair in node.expressions}
    if isinstance(node, exp.Literal | exp.RawString):
        return str(node.this)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        raise ApiError("invalidQuery", f"Invalid value for option {name}: {node.sql()}")
    query = session.translator()
    value = query.expressions.value(session.bound(node), query.root)
    with session.cursor() as cursor:
        row = cursor.execute(f"SELECT CAST({value.sql} AS VARCHAR)").fetchone()
    return row[0] if row else None


def _moment(session: Session, node: exp.Expr) -> str | None:
    """A point in time in milliseconds since the epoch, as REST has it."""
    query = session.translator()
    value = query.expressions.value(session.bound(node), query.root)
    if value.kind != TIMESTAMP and not (value.literal and value.kind.name == "STRING"):
        raise ApiError(
            "invalidQuery", f"Option expiration_timestamp must be a TIMESTAMP, not {value.kind}"
        )
    with session.cursor() as cursor:
        row = cursor.execute(
            f"SELECT epoch_ms(CAST({value.sql} AS TIMESTAMP WITH TIME ZONE))"
        ).fetchone()
    if row is None or row[0] is None:
        return None
    if int(row[0]) <= now_ms():
        raise ApiError(
            "invalid", "Invalid value for expiration_timestamp: it must be in the future"
        )
    return str(row[0])
