"""Extract jobs: the rows of a table as objects in GCS.

Forms of the values are those of "Exporting table data to Cloud Storage" in the reference.
"""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.jobs.extract_avro import CODECS, check_fields, write_avro
from harness.bigquery.loads.gcs import put
from harness.bigquery.table_kinds import refuse_view
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table
    from harness.bigquery.types import Field

_COMPRESSIONS = {
    "AVRO": tuple(CODECS),
    "CSV": ("NONE", "GZIP"),
    "NEWLINE_DELIMITED_JSON": ("NONE", "GZIP"),
    "PARQUET": ("NONE", "SNAPPY", "GZIP", "ZSTD"),
}
_URI = re.compile(r"gs://([^/]+)/(.+)")
# The single part of a wildcard URI: its number has twelve digits.
_NUMBER = "0" * 12


@dataclass(frozen=True, kw_only=True)
class _Form:
    kind: str
    compression: str
    delimiter: str
    header: bool
    logical: bool


def extract(
    catalog: Catalog,
    configuration: Mapping[str, Any],
    *,
    table: Table,
    partition: str,
    gcs_endpoint: str | None,
) -> int:
    """Do an extract job.

    Args:
        catalog: The catalog.
        configuration: The JobConfigurationExtract.
        table: The table.
        partition: The id of the one partition that is written, or an empty string.
        gcs_endpoint: Where objects are put, or None.

    Returns:
        How many objects were written.

    Raises:
        ApiError: BigQuery would refuse it.
    """
    form = _form(configuration)
    refuse_view(table)
    if form.kind == "AVRO":
        check_fields(table.fields)
    uris = configuration.get("destinationUris") or [configuration.get("destinationUri")]
    if len(uris) > 1:
        raise UnsupportedError("extract jobs with several destinationUris")
    found = _URI.fullmatch(str(uris[0] or ""))
    if not found or found[2].count("*") > 1:
        raise ApiError("invalid", f"Invalid extract destination URI '{uris[0] or ''}'. "
                       "Must be a valid Google Storage path.")  # fmt: skip
    if gcs_endpoint is None:
        raise UnsupportedError("destinationUris, as the stub was started without a GCS endpoint")
    source = table.rows_in
    if partition:
        if table.partitioning is None:
            raise ApiError("invalid", f"{table.ref} has no partitions")
        source = f"{source} WHERE {table.partitioning.id_sql()} = {literal(partition)}"
    folder = Path(tempfile.mkdtemp(prefix="harness-bigquery-"))
    try:
        path = folder / "rows"
        _write(catalog, table.fields, source, path, form)
        put(gcs_endpoint, found[1], found[2].replace("*", _NUMBER), path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1


def _form(configuration: Mapping[str, Any]) -> _Form:
    kind = str(configuration.get("destinationFormat") or "CSV").upper()
    if kind not in _COMPRESSIONS:
        raise UnsupportedError(f"destinationFormat {kind}")
    compression = str(configuration.get("compression") or "NONE").upper()
    if compression not in _COMPRESSIONS[kind]:
        raise ApiError("invalid", f"Compression {compression} is not supported for {kind}")
    delimiter = str(configuration.get("fieldDelimiter") or ",")
    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
    if len(delimiter.encode()) != 1:
        raise UnsupportedError("a fieldDelimiter of more than one byte")
    return _Form(
        kind=kind,
        compression=compression,
        delimiter=delimiter,
        header=configuration.get("printHeader", True) is not False,
        logical=configuration.get("useAvroLogicalTypes") is True,
    )


def _write(catalog: Catalog, fields: Sequence[Field], source: str, path: Path, form: _Form) -> None:
    if form.kind == "AVRO":
        write_avro(
            catalog.database,
            fields,
            source,
            path,
            compression=form.compression,
            logical=form.logical,
        )
        return
    if form.kind == "CSV":
        cells = [f"{_csv_cell(field)} AS {quoted(field.name)}" for field in fields]
        options = f"FORMAT csv, DELIMITER {literal(form.delimiter)}, HEADER {form.header}"
    elif form.kind == "PARQUET":
        cells = [quoted(field.name) for field in fields]
        codec = "UNCOMPRESSED" if form.compression == "NONE" else form.compression
        options = f"FORMAT parquet, CODEC {codec}"
    else:
        cells = [f"{_json_row(fields)} AS line"]
        # Neither character occurs in JSON text, so that each line is written as it is.
        options = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"
    sql = f"SELECT {', '.join(cells) or 'NULL'} FROM {source}"  # noqa: S608
    with catalog.database.cursor() as cursor:
        cursor.execute(f"COPY ({sql}) TO {literal(str(path))} ({options})")
    if form.compression == "GZIP" and form.kind != "PARQUET":
        packed = path.with_suffix(".gz")
        with path.open("rb") as plain, gzip.open(packed, "wb", compresslevel=6) as file:
            shutil.copyfileobj(plain, file)
        packed.replace(path)


def _csv_cell(field: Field) -> str:
    if field.repeated or field.type == "STRUCT":
        raise ApiError(
            "invalid", f"Operation cannot be performed on a nested schema. Field: {field.name}"
        )
    return _text(field.type, quoted(field.name))


def _text(kind: str, value: str) -> str:
    """SQL of a scalar's text in an export."""
    fraction = (
        f"CASE WHEN microsecond({value}) % 1000000 = 0 THEN '' "
        f"ELSE '.' || rtrim(lpad(CAST(microsecond({value}) % 1000000 AS VARCHAR), 6, '0'), '0') END"
    )
    forms = {
        "BYTES": f"to_base64({value})",
        "DATETIME": f"strftime({value}, '%Y-%m-%dT%H:%M:%S') || {fraction}",
        "TIMESTAMP": (
            f"strftime(CAST({value} AS TIMESTAMP), '%Y-%m-%d %H:%M:%S') || {fraction} || ' UTC'"
        ),
        "NUMERIC": (
            f"regexp_replace(regexp_replace(CAST({value} AS VARCHAR), "
            r"'(\.[0-9]*?)0+$', '\1'), '\.$', '')"
        ),
    }
    return forms.get(kind, f"CAST({value} AS VARCHAR)")


def _json_row(fields: Sequence[Field]) -> str:
    """SQL of a row as JSON text; a NULL is left out, as in BigQuery's exports."""
    return f"CAST({_json_object(fields, quoted)} AS VARCHAR)"


def _json_object(fields: Sequence[Field], value: Any) -> str:
    parts = ", ".join(
        f"{literal(field.name)}, {_json_value(field, value(field.name))}" for field in fields
    )
    # The merge drops the members that are null (RFC 7396).
    return f"json_merge_patch('{{}}'::JSON, json_object({parts}))"


def _json_value(field: Field, value: str, depth: int = 0) -> str:
    if field.repeated:
        item = f"item_{depth}"
        inner = _json_scalar(field, item, depth + 1)
        return f"to_json(coalesce(list_transform({value}, lambda {item} : {inner}), []))"
    return f"CASE WHEN {value} IS NOT NULL THEN {_json_scalar(field, value, depth)} END"


def _json_scalar(field: Field, value: str, depth: int) -> str:
    if field.type == "STRUCT":
        parts = ", ".join(
            f"{literal(one.name)}, "
            + _json_value(one, f"struct_extract({value}, {literal(one.name)})", depth)
            for one in field.fields
        )
        return f"json_merge_patch('{{}}'::JSON, json_object({parts}))"
    if field.type in ("BOOL", "FLOAT64", "JSON"):
        return f"to_json({value})"
    # INT64 and NUMERIC are strings, so that no reader rounds them.
    return f"to_json({_text(field.type, value)})"
