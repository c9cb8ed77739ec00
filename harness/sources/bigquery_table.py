"""A table of a source BigQuery as files: SQL that makes it, and its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.engine import memory
from harness.record.sample import chosen_rows
from harness.services.given.bigquery_client import sql_type
from harness.sources.limits import NotKeptError

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from google.cloud import bigquery

_USUAL = "US"
_REFUSED = {"GEOGRAPHY", "INTERVAL", "RANGE"}
# Parquet has no room for them; JSON lines have.
_AS_JSON = {"BIGNUMERIC", "JSON"}
_TRUNCATED = {"TIMESTAMP": "TIMESTAMP_TRUNC", "DATETIME": "DATETIME_TRUNC", "DATE": "DATE_TRUNC"}
_PARAMETERISED = {"NUMERIC", "BIGNUMERIC", "STRING", "BYTES"}


def definition(table: bigquery.Table) -> str:
    """The statements that make a table: columns, partitions, clustering.

    Expirations are left out: what is kept shall not go.

    Args:
        table: The table or view of the source.

    Raises:
        NotKeptError: A column, or the way it is partitioned, cannot be kept.
    """
    for field in table.schema:
        _check(field, field.name, nested=False)
    columns = ",\n  ".join(map(_column, table.schema))
    parts = [dataset(table.dataset_id, location=table.location)]
    made = f"CREATE TABLE `{table.dataset_id}.{table.table_id}` (\n  {columns}\n)"
    partition = _partition(table)
    if partition:
        made += f"\nPARTITION BY {partition}"
    if table.clustering_fields:
        made += "\nCLUSTER BY " + ", ".join(f"`{name}`" for name in table.clustering_fields)
    if partition and table.require_partition_filter:
        made += "\nOPTIONS (require_partition_filter = TRUE)"
    return "\n".join([*parts, f"{made};", ""])


def dataset(name: str, *, location: str | None) -> str:
    """The statement that makes a dataset, if there is none.

    Args:
        name: Its name.
        location: Where it is.
    """
    where = f" OPTIONS (location = '{location}')" if location and location != _USUAL else ""
    return f"CREATE SCHEMA IF NOT EXISTS `{name}`{where};"


def kind_of_file(table: bigquery.Table) -> str:
    """The ending of the file that its rows fit into."""
    return ".jsonl" if any(one.field_type in _AS_JSON for one in table.schema) else ".parquet"


def sampled(rows: pa.Table, *, count: int) -> pa.Table:
    """The rows that stand for all of a table.

    Args:
        rows: All rows.
        count: How many are wanted.
    """
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    with memory() as connection:
        numbered = _texts(rows).rename_columns([f"c{at}" for at in range(rows.num_columns)])
        numbered = numbered.append_column("n", pa.array(np.arange(rows.num_rows)))
        connection.register("numbered", numbered)
        connection.execute("CREATE TEMP TABLE data AS FROM numbered")
        return rows.take(chosen_rows(connection, "data", count=count))


def write(rows: pa.Table, table: bigquery.Table, file: Path) -> None:
    """Write rows into a file of the kind that ``kind_of_file`` says.

    Args:
        rows: The rows.
        table: The table that they are of.
        file: The file.
    """
    if kind_of_file(table) == ".parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415

        pq.write_table(rows, file, compression="zstd")
        return
    with memory() as connection:
        connection.register("kept", _texts(rows))
        listed = ", ".join(map(_as_json, table.schema))
        connection.execute(
            f"COPY (SELECT {listed} FROM kept) TO '{_literal(file)}' (FORMAT json)"  # noqa: S608
        )


def same(one: pa.Table, other: pa.Table) -> bool:
    """Whether two tables have the same rows, in any order."""
    one, other = _texts(one), _texts(other)
    if one.column_names != other.column_names or one.num_rows != other.num_rows:
        return False
    if [field.type for field in one.schema] != [field.type for field in other.schema]:
        return False
    with memory() as connection:
        connection.register("one", one)
        connection.register("other", other)
        found = connection.sql("SELECT count(*) FROM (FROM one EXCEPT ALL FROM other)").fetchall()
    return bool(found[0][0] == 0)


def _check(field: bigquery.SchemaField, name: str, *, nested: bool) -> None:
    kind = field.field_type
    if kind in _REFUSED or (kind in _AS_JSON and (nested or field.mode == "REPEATED")):
        where = " within another column" if kind in _AS_JSON else ""
        raise NotKeptError(
            f"its column {name} is of the type {kind}{where}, which no seed can hold: leave the "
            "table out with --without"
        )
    for inner in field.fields:
        _check(inner, f"{name}.{inner.name}", nested=True)


def _column(field: bigquery.SchemaField) -> str:
    text = f"`{field.name}` {_type(field)}"
    if field.default_value_expression:
        text += f" DEFAULT {field.default_value_expression}"
    return text + (" NOT NULL" if field.mode == "REQUIRED" else "")


def _type(field: bigquery.SchemaField) -> str:
    kind = sql_type(field)
    if field.field_type in ("RECORD", "STRUCT"):
        kind = f"STRUCT<{', '.join(_inner(one) for one in field.fields)}>"
        return f"ARRAY<{kind}>" if field.mode == "REPEATED" else kind
    size = field.precision or field.max_length
    if field.field_type in _PARAMETERISED and size:
        sized = f"{size}, {field.scale}" if field.scale else f"{size}"
        kind = kind.replace(field.field_type, f"{field.field_type}({sized})")
    return kind


def _inner(field: bigquery.SchemaField) -> str:
    required = " NOT NULL" if field.mode == "REQUIRED" else ""
    return f"`{field.name}` {_type(field)}{required}"


def _partition(table: bigquery.Table) -> str:
    by_range, by_time = table.range_partitioning, table.time_partitioning
    if by_range is not None:
        reach = by_range.range_
        return (
            f"RANGE_BUCKET(`{by_range.field}`, "
            f"GENERATE_ARRAY({reach.start}, {reach.end}, {reach.interval}))"
        )
    if by_time is None:
        return ""
    if by_time.field is None:
        raise NotKeptError(
            "it is partitioned by the time at which its rows came, which no seed can say: leave "
            "it out with --without"
        )
    kind = next(one.field_type for one in table.schema if one.name == by_time.field)
    if kind == "DATE" and by_time.type_ == "DAY":
        return f"`{by_time.field}`"
    return f"{_TRUNCATED[kind]}(`{by_time.field}`, {by_time.type_})"


def _texts(rows: pa.Table) -> pa.Table:
    """Numbers of more than 38 digits as text, since DuckDB has none."""
    import pyarrow as pa  # noqa: PLC0415

    for place, field in enumerate(rows.schema):
        if pa.types.is_decimal256(field.type):
            rows = rows.set_column(place, field.name, rows.column(place).cast(pa.string()))
    return rows


def _as_json(field: bigquery.SchemaField) -> str:
    name = '"' + field.name.replace('"', '""') + '"'
    made = {"JSON": f"{name}::JSON", "BYTES": f"base64({name})", "NUMERIC": f"{name}::VARCHAR"}
    repeated = field.mode == "REPEATED"
    return f"{name if repeated else made.get(field.field_type, name)} AS {name}"


def _literal(file: Path) -> str:
    return str(file).replace("'", "''")
