"""Which functions there are beyond DuckDB's own, and how DuckDB comes to know them.

A function takes Arrow arrays of one vector's length and answers one of the same length. A module
is imported when one of its functions first has rows, so that the start costs nothing.
An error whose text begins with ``bq:`` is BigQuery's (``harness.bigquery.sql.failures``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

_LINE = re.compile(r"(\w+) (\w+)\((.*)\) (\S+)")
_PREFIX = re.compile(r"\bvec_\w+")
# module function(argument types) result type
_TABLE = """
hashes farm_fingerprint(BLOB) BIGINT
hashes sha512(BLOB) BLOB
texts normalize(VARCHAR, VARCHAR) VARCHAR
texts casefold(VARCHAR, VARCHAR) VARCHAR
texts lower(VARCHAR) VARCHAR
texts soundex(VARCHAR) VARCHAR
texts upper(VARCHAR) VARCHAR
texts to_latin(BLOB) VARCHAR
texts from_latin(VARCHAR) BLOB
texts to_base32(BLOB) VARCHAR
texts from_base32(VARCHAR) BLOB
texts replace_invalid(BLOB) VARCHAR
distances edit_distance(VARCHAR, VARCHAR) BIGINT
net host(VARCHAR) VARCHAR
net ip_from_string(VARCHAR) BLOB
net ip_to_string(BLOB) VARCHAR
net ip_trunc(BLOB, BIGINT) BLOB
net ip_net_mask(BIGINT, BIGINT) BLOB
documents parse(VARCHAR, VARCHAR) VARCHAR
documents pretty(VARCHAR) VARCHAR
documents keys(VARCHAR, BIGINT, VARCHAR) VARCHAR[]
documents merged(VARCHAR[], VARCHAR[]) VARCHAR
edits assign(VARCHAR, VARCHAR, VARCHAR, BOOLEAN) VARCHAR
edits remove(VARCHAR, VARCHAR) VARCHAR
edits append(VARCHAR, VARCHAR, VARCHAR) VARCHAR
edits insert(VARCHAR, VARCHAR, VARCHAR) VARCHAR
moments parse_moment(VARCHAR, VARCHAR, VARCHAR, VARCHAR) BIGINT
edits strip_nulls(VARCHAR, VARCHAR, BOOLEAN, BOOLEAN) VARCHAR
"""


@dataclass(frozen=True)
class Vector:
    """A function over Arrow vectors.

    Attributes:
        module: Where it is, below this package.
        function: Its name there.
        arguments: DuckDB's types of its arguments.
        result: DuckDB's type of what it answers.
    """

    module: str
    function: str
    arguments: tuple[str, ...]
    result: str


def _read() -> dict[str, Vector]:
    vectors = {}
    for line in _TABLE.strip().splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(line)
        module, function, arguments, result = found.groups()
        vectors[f"vec_{function}"] = Vector(module, function, tuple(arguments.split(", ")), result)
    return vectors


VECTORS = _read()


def named_in(sql: str) -> Iterable[str]:
    """The functions of this package that a part of DuckDB's SQL may call."""
    return VECTORS.keys() & set(_PREFIX.findall(sql)) if "vec_" in sql else ()


def make_known(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Tell DuckDB of a function; all its connections know it then."""
    import inspect  # noqa: PLC0415

    from duckdb.func import PythonUDFType  # noqa: PLC0415

    vector = VECTORS[name]

    def late(*columns: Any) -> Any:
        # What a statement only mentions, and has no row for, is not even imported.
        module = import_module(f"harness.bigquery.vectors.{vector.module}")
        return getattr(module, vector.function)(*columns)

    names = [f"a{place}" for place in range(len(vector.arguments))]
    kind = inspect.Parameter.POSITIONAL_ONLY
    # DuckDB asks how many arguments a function takes.
    late.__signature__ = inspect.Signature([inspect.Parameter(one, kind) for one in names])  # type: ignore[attr-defined]
    connection.create_function(
        name,
        late,
        list(vector.arguments),
        vector.result,
        type=PythonUDFType.ARROW,
    )
