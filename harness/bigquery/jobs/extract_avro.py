"""Avro extracts: the rows of a table as an object container file.

Source: "Avro export details" of "Export table data to Cloud Storage" in the reference: a TIMESTAMP
is always timestamp-micros; DATE, TIME and DATETIME are texts unless the job asks for logical types;
a TIME is time-micros then, and a DATETIME a text of the logical type ``datetime``. The names of
records are those of the service's files: ``Root``, and a field's own name with a capital.
"""

from __future__ import annotations

import io
import json
import os
import zlib
from decimal import Context, Decimal
from typing import IO, TYPE_CHECKING, Any

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.loads.avro_container import MAGIC, SYNC, number
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.bigquery.database import Database
    from harness.bigquery.types import Field

CODECS = {"NONE": "null", "DEFLATE": "deflate", "SNAPPY": "snappy"}
_BLOCK_ROWS = 1000
_PLAIN = {
    "BOOL": "boolean",
    "BYTES": "bytes",
    "FLOAT64": "double",
    "INT64": "long",
    "STRING": "string",
}
_LOGICAL = {
    "DATE": {"type": "int", "logicalType": "date"},
    "DATETIME": {"type": "string", "logicalType": "datetime"},
    "TIME": {"type": "long", "logicalType": "time-micros"},
}
_TIMESTAMP = {"type": "long", "logicalType": "timestamp-micros"}
_DIGITS, _SCALE = 38, 9
# Python's own context rounds to 28 digits.
_WIDE = Context(prec=_DIGITS)


def check_fields(fields: Sequence[Field]) -> None:
    """Refuse columns whose form in Avro is not known here.

    Raises:
        UnsupportedError: There is one.
    """
    schema_of(fields, logical=False)


def write_avro(
    database: Database,
    fields: Sequence[Field],
    source: str,
    path: Path,
    *,
    compression: str,
    logical: bool,
) -> None:
    """Write rows to a file.

    Args:
        database: Holds the rows.
        fields: The columns.
        source: What stands in FROM.
        path: The file.
        compression: ``NONE``, ``DEFLATE`` or ``SNAPPY``.
        logical: Whether the job asks for logical types.

    Raises:
        UnsupportedError: A column has a type whose form is not known here.
    """
    import fastavro  # noqa: PLC0415

    schema = schema_of(fields, logical=logical)
    codec, sync = CODECS[compression], os.urandom(SYNC)
    parsed = fastavro.parse_schema({"type": "array", "items": schema})
    cells = ", ".join(quoted(field.name) for field in fields)
    with path.open("wb") as file, database.cursor() as cursor:
        _write_header(file, schema, codec, sync)
        query = f"SELECT {cells} FROM {source}"  # noqa: S608
        for batch in cursor.sql(query).to_arrow_reader(_BLOCK_ROWS):
            rows = [_record(fields, row, logical=logical) for row in batch.to_pylist()]
            if rows:
                _write_block(file, parsed, rows, codec, sync)


def schema_of(fields: Sequence[Field], *, logical: bool) -> dict[str, Any]:
    """The Avro schema of a table.

    Args:
        fields: The columns.
        logical: Whether logical types are used.

    Raises:
        UnsupportedError: A column has a type whose form is not known here.
    """
    return _record_schema(fields, "Root", "", logical=logical)


def _record_schema(
    fields: Sequence[Field], name: str, space: str, *, logical: bool
) -> dict[str, Any]:
    inner = f"{space}.{name}" if space else "root"
    listed = [
        {"name": one.name, "type": _field_schema(one, inner, logical=logical)} for one in fields
    ]
    place = {"namespace": space} if space else {}
    return {"type": "record", **place, "name": name, "fields": listed}


def _field_schema(field: Field, space: str, *, logical: bool) -> Any:
    kind = _type_schema(field, space, logical=logical)
    if field.repeated:
        return {"type": "array", "items": kind}
    return kind if field.mode == "REQUIRED" else ["null", kind]


def _type_schema(field: Field, space: str, *, logical: bool) -> Any:
    if field.type == "STRUCT":
        name = field.name[:1].upper() + field.name[1:]
        return _record_schema(field.fields, name, space, logical=logical)
    if field.type in _PLAIN:
        return _PLAIN[field.type]
    if field.type == "TIMESTAMP":
        return _TIMESTAMP
    if field.type in _LOGICAL:
        return _LOGICAL[field.type] if logical else {"type": "string", "sqlType": field.type}
    if field.type == "JSON":
        return {"type": "string", "sqlType": "JSON"}
    if field.type == "NUMERIC":
        digits, scale = _decimal(field)
        return {"type": "bytes", "logicalType": "decimal", "precision": digits, "scale": scale}
    raise UnsupportedError(f"{field.type} of column {field.name} in an Avro extract")


def _decimal(field: Field) -> tuple[int, int]:
    """The digits of a NUMERIC in all, and of those the ones behind the point."""
    if not field.parameters:
        return _DIGITS, _SCALE
    return field.parameters[0], field.parameters[1] if len(field.parameters) > 1 else 0


def _record(fields: Sequence[Field], row: dict[str, Any], *, logical: bool) -> dict[str, Any]:
    return {one.name: _value(one, row[one.name], logical=logical) for one in fields}


def _value(field: Field, value: Any, *, logical: bool) -> Any:
    if field.repeated:
        return [_one(field, item, logical=logical) for item in value or ()]
    return None if value is None else _one(field, value, logical=logical)


def _one(field: Field, value: Any, *, logical: bool) -> Any:
    if field.type == "STRUCT":
        return _record(field.fields, value, logical=logical)
    if field.type == "DATETIME" or (field.type in _LOGICAL and not logical):
        text = str(value.isoformat())
        return text.rstrip("0") if "." in text else text
    if field.type == "NUMERIC" and field.parameters:
        return _WIDE.quantize(value, Decimal(1).scaleb(-_decimal(field)[1]))
    return value


def _write_header(file: IO[bytes], schema: Any, codec: str, sync: bytes) -> None:
    facts = {"avro.codec": codec.encode(), "avro.schema": json.dumps(schema).encode()}
    file.write(MAGIC + number(len(facts)))
    for name, content in facts.items():
        file.write(number(len(name)) + name.encode() + number(len(content)) + content)
    file.write(number(0) + sync)


def _write_block(file: IO[bytes], parsed: Any, rows: list[Any], codec: str, sync: bytes) -> None:
    import fastavro  # noqa: PLC0415

    whole = io.BytesIO()
    # An array's form is that of a block, but for its count before and the zero behind.
    fastavro.schemaless_writer(whole, parsed, rows)
    count = number(len(rows))
    content = _packed(whole.getvalue()[len(count) : -1], codec)
    file.write(count + number(len(content)) + content + sync)


def _packed(content: bytes, codec: str) -> bytes:
    if codec == "deflate":
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return packer.compress(content) + packer.flush()
    if codec == "snappy":
        import pyarrow as pa  # noqa: PLC0415

        check = zlib.crc32(content).to_bytes(4, "big")
        return bytes(pa.Codec("snappy").compress(content, asbytes=True)) + check
    return content
