"""Types by name: a service's own terms, and Arrow's.

The own terms win: ``int8`` is eight bytes to PostgreSQL and eight bits to Arrow, ``float`` is a
double to BigQuery and PostgreSQL and a single to Arrow. A name that the service does not know is
read as Arrow's. In an object the service's own terms are Arrow's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.services.protocol import Column

ExpectedType: TypeAlias = "str | pa.DataType"

# https://www.postgresql.org/docs/16/datatype.html, table 8.1, and the internal names of pg_type.
_POSTGRES = {
    "int2": "smallint",
    "int4": "integer",
    "int": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "float": "double precision",
    "bool": "boolean",
    "decimal": "numeric",
    "varchar": "character varying",
    "char": "character",
    "bpchar": "character",
    "varbit": "bit varying",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
}
_POSTGRES_ONE_NAME = """
    bit bytea cidr date inet interval json jsonb macaddr money name oid point text tsvector uuid xml
"""

# https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types; the REST interface says
# INTEGER, FLOAT, BOOLEAN and RECORD, SQL says INT64, FLOAT64, BOOL and STRUCT.
_BIGQUERY = {
    "integer": "int64",
    "int": "int64",
    "smallint": "int64",
    "bigint": "int64",
    "tinyint": "int64",
    "byteint": "int64",
    "float": "float64",
    "boolean": "bool",
    "decimal": "numeric",
    "bigdecimal": "bignumeric",
    "record": "struct",
}
_BIGQUERY_ONE_NAME = """
    array bytes date datetime geography interval json range string time timestamp
"""
# https://duckdb.org/docs/stable/sql/data_types/overview
_DUCKDB = {
    "int1": "tinyint",
    "int2": "smallint",
    "short": "smallint",
    "int4": "integer",
    "int": "integer",
    "signed": "integer",
    "int8": "bigint",
    "long": "bigint",
    "real": "float",
    "float4": "float",
    "float8": "double",
    "numeric": "decimal",
    "bool": "boolean",
    "logical": "boolean",
    "char": "varchar",
    "bpchar": "varchar",
    "text": "varchar",
    "string": "varchar",
    "bytea": "blob",
    "binary": "blob",
    "varbinary": "blob",
    "datetime": "timestamp",
    "timestamptz": "timestamp with time zone",
}
_DUCKDB_ONE_NAME = """
    bit date hugeint interval json struct time timestamp_ms timestamp_ns timestamp_s ubigint
    uhugeint uinteger usmallint utinyint uuid
"""
# https://mariadb.com/docs/server/reference/data-types; what stands in parentheses is set apart.
_MYSQL = {
    "bool": "tinyint",
    "boolean": "tinyint",
    "integer": "int",
    "int1": "tinyint",
    "int2": "smallint",
    "int3": "mediumint",
    "int4": "int",
    "int8": "bigint",
    "dec": "decimal",
    "numeric": "decimal",
    "fixed": "decimal",
    "double precision": "double",
    "real": "double",
    "character": "char",
    "character varying": "varchar",
}
_MYSQL_ONE_NAME = """
    binary bit blob date datetime enum float json longblob longtext mediumblob mediumtext set text
    time timestamp tinyblob tinytext varbinary year
"""
_ARROW_NAMES = """
    binary bool date32[day] decimal128(38,9) double duration[us] float int8 int16 int32 int64
    string time64[us] timestamp[ms] timestamp[ns] timestamp[us] uint8 uint16 uint32 uint64
"""


def _vocabulary(renamed: Mapping[str, str], one_name: str) -> Mapping[str, str]:
    """Each name that a service knows, with the one that stands for all of its kind."""
    names = (*renamed.values(), *one_name.split())
    return {**{name: name for name in names}, **renamed}


def _with_unsigned(known: Mapping[str, str]) -> Mapping[str, str]:
    return {
        **known,
        **{f"{name} unsigned": f"{meant} unsigned" for name, meant in known.items()},
    }


_OWN = {
    "postgres": _vocabulary(_POSTGRES, _POSTGRES_ONE_NAME),
    "bigquery": _vocabulary(_BIGQUERY, _BIGQUERY_ONE_NAME),
    "duckdb": _vocabulary(_DUCKDB, _DUCKDB_ONE_NAME),
    "mysql": _with_unsigned(_vocabulary(_MYSQL, _MYSQL_ONE_NAME)),
}


def spelled(expected: ExpectedType) -> str:
    """The type as the test wrote it."""
    return str(expected)


def known_names(service: str) -> list[str]:
    """Names of types that a test may use for a service, its own first."""
    return [*_OWN.get(service, {}), *_ARROW_NAMES.split()]


def is_known(expected: ExpectedType, *, service: str) -> bool:
    """Whether the name means a type to the service or to Arrow."""
    if not isinstance(expected, str):
        return True
    base, _ = _split(expected)
    return base in _OWN.get(service, {}) or _parsed(expected) is not None or "<" in expected


def agrees(
    expected: ExpectedType,
    column: Column,
    *,
    service: str,
    arrow: Callable[[], pa.DataType | None],
) -> bool:
    """Whether a column has the type that a test expects.

    Args:
        expected: A type's name in the service's own terms or Arrow's, or an Arrow type. Without
            ``(...)``, any length, precision and scale will do.
        column: The column found.
        service: The service that it was found in.
        arrow: Gives the column's Arrow type, or None where it is not known; called only when
            the own terms do not decide, as it may have to read the data.
    """
    if isinstance(expected, str):
        own = _OWN.get(service, {})
        base, parameters = _split(expected)
        found_base, found_parameters = _split(column.type)
        if _renamed(base, own) == _renamed(found_base, own):
            return not parameters or parameters == found_parameters
        if re.sub(r"<.*|\[\]", "", base) in own:
            return False
    found = arrow() if service in _OWN else _parsed(column.type) or arrow()
    if found is None:
        return False
    wanted = _parsed(expected)
    if wanted is None:
        return _squeezed(str(expected)) == _squeezed(str(found))
    return bool(_plain(wanted) == _plain(found))


def _split(name: str) -> tuple[str, str]:
    """A type's name in small letters without its ``(...)``, and that."""
    name = " ".join(name.lower().split())
    if "<" in name:
        return name, ""
    match = re.search(r"\s*\(([^()]*)\)", name)
    if match is None:
        return name, ""
    return name[: match.start()] + name[match.end() :], _squeezed(match.group(1))


def _renamed(name: str, own: Mapping[str, str]) -> str:
    """The one name of a type that has several, also within ``array<...>`` and before ``[]``."""
    if name in own:
        return own[name]
    if name.endswith("[]"):
        return _renamed(name[:-2], own) + "[]"
    if "<" in name:
        return _squeezed(re.sub(r"\w+", lambda word: own.get(word[0], word[0]), name))
    return name


def _parsed(name: ExpectedType) -> pa.DataType | None:
    """The Arrow type of a name, where the name alone says it."""
    if not isinstance(name, str):
        return name
    try:
        return pa.type_for_alias(name)
    except ValueError:
        pass
    zoned = re.fullmatch(r"timestamp\[(s|ms|us|ns), ?tz=([^\]]+)\]", name)
    if zoned:
        return pa.timestamp(zoned[1], tz=zoned[2])
    decimal = re.fullmatch(r"decimal(128|256)?\((\d+), ?(-?\d+)\)", name)
    if decimal:
        make = pa.decimal256 if decimal[1] == "256" else pa.decimal128
        try:
            return make(int(decimal[2]), int(decimal[3]))
        except ValueError:
            return None
    return None


def _plain(kind: pa.DataType) -> pa.DataType:
    """Without what is only layout in memory: the width of offsets, and views."""
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    return kind


def _squeezed(text: str) -> str:
    return "".join(text.split())
