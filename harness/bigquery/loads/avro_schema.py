"""What an Avro schema becomes: the columns of a table, and how the values are read for them.

Source: "Avro conversions" in "Loading Avro data from Cloud Storage" of the reference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.avro_container import damaged
from harness.bigquery.loads.avro_limits import MOST_FIELDS, least_bytes
from harness.bigquery.loads.load_bad import READING
from harness.bigquery.types import Field

_PRIMITIVE = {
    "boolean": ("BOOL", "bool"),
    "int": ("INT64", "int64"),
    "long": ("INT64", "int64"),
    "float": ("FLOAT64", "float32"),
    "double": ("FLOAT64", "float64"),
    "bytes": ("BYTES", "binary"),
    "string": ("STRING", "string"),
}
_UTC = " UTC"
# The logical types that useAvroLogicalTypes heeds, with what they stand on.
_LOGICAL = {
    ("int", "date"): ("DATE", "date32"),
    ("int", "time-millis"): ("TIME", "time32[ms]"),
    ("long", "time-micros"): ("TIME", "time64[us]"),
    ("long", "timestamp-millis"): ("TIMESTAMP", "timestamp[ms] UTC"),
    ("long", "timestamp-micros"): ("TIMESTAMP", "timestamp[us] UTC"),
    ("long", "local-timestamp-millis"): ("DATETIME", "timestamp[ms]"),
    ("long", "local-timestamp-micros"): ("DATETIME", "timestamp[us]"),
}
_NUMERIC_DIGITS, _NUMERIC_SCALE, _DECIMAL_DIGITS = 29, 9, 38


@dataclass(frozen=True, kw_only=True)
class Read:
    """How a value is read.

    Attributes:
        field: The column that it goes to.
        schema: The Avro schema by which it is read: maps as arrays, no logical types but decimal.
        arrow: Its Arrow type.
    """

    field: Field
    schema: Any
    arrow: Any


class Schema:
    """Reads an Avro schema, whose names may be used again further down.

    Args:
        logical: Whether logical types are heeded.
        targets: What a decimal may become.
    """

    def __init__(self, *, logical: bool, targets: tuple[str, ...]) -> None:
        self._logical = logical
        self._targets = targets
        self._named: dict[str, Any] = {}
        self._open: list[str] = []
        self._made = 0
        self._seen = 0

    def read(self, schema: Any) -> Read:
        """How the records of a file are read.

        Raises:
            ApiError: The schema is not that of a record, or has what a table cannot hold.
        """
        if not isinstance(schema, dict) or schema.get("type") != "record":
            raise ApiError("invalid", f"{READING} The root of an Avro schema must be a record.")
        try:
            return self._value(schema, "", "")
        except (
            KeyError,
            TypeError,
            AttributeError,
            ValueError,
            OverflowError,
            RecursionError,
        ) as error:
            raise damaged(f"Invalid schema: {error}", header=True) from error

    def _value(self, schema: Any, name: str, space: str) -> Read:
        self._seen += 1
        if self._seen > 2 * MOST_FIELDS:
            # Names that stand for one another make many fields of few words.
            raise ApiError(
                "invalid", f"{READING} Too many total leaf fields: {MOST_FIELDS} at most."
            )
        if isinstance(schema, list):
            return self._union(schema, name, space)
        kind = schema["type"] if isinstance(schema, dict) else schema
        if isinstance(kind, dict | list):
            return self._value(kind, name, space)
        known = kind if "." in kind else f"{space}.{kind}".lstrip(".")
        if known in self._open:
            raise ApiError(
                "invalid", f"{READING} Recursive type {known} is not supported. Field: {name}"
            )
        if known in self._named and kind not in _PRIMITIVE:
            return self._value(self._named[known], name, known.rpartition(".")[0])
        if kind not in (*_PRIMITIVE, "record", "enum", "fixed", "array", "map"):
            raise damaged(f"Unknown type: {kind}", header=True)
        if kind in ("record", "enum", "fixed"):
            known = self._name_of(schema, space)
            self._named[known] = schema
            space = known.rpartition(".")[0]
        if kind == "record":
            return self._record(schema, name, known)
        if kind in ("array", "map"):
            return self._repeated(schema, name, space)
        return self._scalar(schema, kind, name)

    @staticmethod
    def _name_of(schema: Any, space: str) -> str:
        name = str(schema["name"])
        space = str(schema.get("namespace", space) or "")
        return name if "." in name else f"{space}.{name}".lstrip(".")

    def _record(self, schema: Any, name: str, known: str) -> Read:
        import pyarrow as pa  # noqa: PLC0415

        self._open.append(known)
        parts = [
            self._value(one["type"], str(one["name"]), known.rpartition(".")[0])
            for one in schema["fields"]
            if one["type"] != "null"
        ]
        self._open.pop()
        # A field of nothing is read, so that what follows it is found, and has no column.
        by_name = {part.field.name: part.schema for part in parts}
        fields = [
            {"name": one["name"], "type": by_name.get(str(one["name"]), "null")}
            for one in schema["fields"]
        ]
        return Read(
            field=Field(
                name=name,
                type="STRUCT",
                mode="REQUIRED",
                fields=tuple(part.field for part in parts),
            ),
            schema={"type": "record", "name": self._new_name(), "fields": fields},
            arrow=pa.struct([(part.field.name, part.arrow) for part in parts]),
        )

    def _repeated(self, schema: Any, name: str, space: str) -> Read:
        import pyarrow as pa  # noqa: PLC0415

        if schema["type"] == "array":
            item = self._value(schema["items"], name, space)
            if not least_bytes(item.schema):
                raise UnsupportedError(f"an Avro array of items without bytes in field {name}")
        else:
            # A map's binary form is that of an array of its pairs.
            value = self._value(schema["values"], "value", space)
            key = Field(name="key", type="STRING", mode="REQUIRED")
            pair = [{"name": "key", "type": "string"}, {"name": "value", "type": value.schema}]
            item = Read(
                field=Field(name=name, type="STRUCT", fields=(key, value.field)),
                schema={"type": "record", "name": self._new_name(), "fields": pair},
                arrow=pa.struct([("key", pa.string()), ("value", value.arrow)]),
            )
        if item.field.repeated:
            raise ApiError(
                "invalid", f"{READING} Nested array formatting is not supported. Field: {name}"
            )
        return Read(
            field=replace(item.field, mode="REPEATED"),
            schema={"type": "array", "items": item.schema},
            arrow=pa.list_(item.arrow),
        )

    def _union(self, schema: list[Any], name: str, space: str) -> Read:
        kinds = [one for one in schema if one != "null"]
        if len(kinds) != 1:
            raise UnsupportedError(f"an Avro union of {len(kinds)} types in field {name}")
        inner = self._value(kinds[0], name, space)
        field = inner.field if inner.field.repeated else replace(inner.field, mode="NULLABLE")
        # The order tells which number stands for which.
        parts = ["null" if one == "null" else inner.schema for one in schema]
        return replace(inner, field=field, schema=parts)

    def _scalar(self, schema: Any, kind: str, name: str) -> Read:
        more = schema if isinstance(schema, dict) else {}
        own = str(more.get("logicalType") or "")
        if own == "decimal" and kind in ("bytes", "fixed") and self._logical:
            return self._decimal(more, kind, name)
        plain: Any = kind
        if kind in ("enum", "fixed"):
            plain = {key: more[key] for key in ("symbols", "size") if key in more}
            plain |= {"type": kind, "name": self._new_name()}
        told = _LOGICAL.get((kind, own)) if self._logical else None
        bases = {"enum": "string", "fixed": "bytes"}
        becomes, arrow = told or _PRIMITIVE[bases.get(kind, kind)]
        if kind == "string" and more.get("sqlType") == "JSON":
            becomes = "JSON"
        if kind == "string" and own == "datetime" and self._logical:
            becomes = "DATETIME"
        field = Field(name=name, type=becomes, mode="REQUIRED")
        return Read(field=field, schema=plain, arrow=_arrow(arrow))

    def _decimal(self, schema: Any, kind: str, name: str) -> Read:
        import pyarrow as pa  # noqa: PLC0415

        digits, scale = int(schema["precision"]), int(schema.get("scale") or 0)
        numeric = scale <= _NUMERIC_SCALE and digits - scale <= _NUMERIC_DIGITS
        if not numeric or "NUMERIC" not in self._targets or digits > _DECIMAL_DIGITS:
            told = next((one for one in self._targets if one != "NUMERIC"), "BIGNUMERIC")
            raise UnsupportedError(f"decimal({digits}, {scale}) of field {name} as {told}")
        plain = {key: schema[key] for key in ("precision", "scale", "size") if key in schema}
        plain |= {"type": kind, "logicalType": "decimal"}
        if kind == "fixed":
            plain["name"] = self._new_name()
        field = Field(name=name, type="NUMERIC", mode="REQUIRED")
        return Read(field=field, schema=plain, arrow=pa.decimal128(digits, scale))

    def _new_name(self) -> str:
        self._made += 1
        return f"n{self._made}"


def _arrow(name: str) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    plain = name.removesuffix(_UTC)
    kind = pa.type_for_alias(plain)
    return kind if plain == name else pa.timestamp(kind.unit, tz="UTC")
