"""Hive partitions: columns whose values stand in the names of the objects.

Source: "HivePartitioningOptions" of the REST reference and "Load externally partitioned data".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from harness.bigquery.errors import ApiError
from harness.bigquery.loads.parsing import looks_like, parsed
from harness.bigquery.types import Field, literal, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.database import Database

_MODES = ("AUTO", "STRINGS", "CUSTOM")
# "Supported partition key types"; AUTO takes the first of them that fits, else text.
_DETECTED = ("INT64", "DATE", "TIMESTAMP")
_KINDS = ("STRING", *_DETECTED)
_TEMPLATE = re.compile(r"/\{([^{}:]+):([^{}:]+)\}")
_NULL = "__HIVE_DEFAULT_PARTITION__"
_MOST_KEYS = 10


@dataclass(frozen=True, kw_only=True)
class Hive:
    """How partitions stand in names.

    Attributes:
        prefix: What comes before the first key, without a slash at its end.
        mode: ``AUTO``, ``STRINGS`` or ``CUSTOM``.
        keys: The keys with their types, in the order of the names; of ``CUSTOM`` only.
        require_filter: Whether a query must filter by a key.
    """

    prefix: str
    mode: str
    keys: tuple[Field, ...] = ()
    require_filter: bool = False


def hive_of(options: Mapping[str, Any] | None) -> Hive | None:
    """Read HivePartitioningOptions; absent they are None.

    Raises:
        ApiError: They are incomplete, or name a type that a key cannot have.
    """
    if not options:
        return None
    mode = str(options.get("mode") or "AUTO").upper()
    if mode not in _MODES:
        raise ApiError("invalid", f"Invalid value for hivePartitioningOptions.mode: {mode}")
    given = str(options.get("sourceUriPrefix") or "")
    if not given.startswith("gs://"):
        raise ApiError(
            "invalid", "Required parameter is missing: hivePartitioningOptions.sourceUriPrefix"
        )
    keys: tuple[Field, ...] = ()
    prefix = given
    if mode == "CUSTOM":
        prefix, brace, template = given.partition("/{")
        found = _TEMPLATE.findall("/{" + template.rstrip("/")) if brace else []
        keys = tuple(Field(name=name, type=type_name(kind)) for name, kind in found)
        if not keys or any(key.type not in _KINDS for key in keys):
            raise ApiError("invalid", f"Invalid custom hive partition encoding: {given}")
    return Hive(
        prefix=prefix.rstrip("/"),
        mode=mode,
        keys=keys,
        require_filter=bool(options.get("requirePartitionFilter")),
    )


def keys_of(hive: Hive, uris: Sequence[str], database: Database) -> tuple[Field, ...]:
    """The columns that the names of objects give.

    Args:
        hive: How they stand in the names.
        uris: The objects.
        database: Tells what the texts look like.

    Raises:
        ApiError: The names do not agree with each other.
    """
    found = [_pairs(hive.prefix, uri) for uri in uris]
    names = [name for name, _ in found[0]] if found else []
    if hive.mode == "CUSTOM":
        names = [key.name for key in hive.keys]
    for uri, pairs in zip(uris, found, strict=True):
        _check(names, [name for name, _ in pairs], uri)
    if len(names) > _MOST_KEYS:
        raise ApiError("invalid", f"Too many hive partition keys: {len(names)}, allowed 10")
    if hive.mode == "CUSTOM":
        return hive.keys
    return tuple(
        Field(name=name, type=_kind(hive, [pairs[place][1] for pairs in found], database))
        for place, name in enumerate(names)
    )


def values_of(hive: Hive, keys: Sequence[Field], uri: str, database: Database) -> list[str]:
    """SQL of the values of the keys for the rows of an object.

    Raises:
        ApiError: Its name does not have these keys, or a value is not of the key's type.
    """
    pairs = _pairs(hive.prefix, uri)
    _check([key.name for key in keys], [name for name, _ in pairs], uri)
    cells = []
    for key, (_, text) in zip(keys, pairs, strict=True):
        if text is None:
            cells.append(f"CAST(NULL AS {key.duckdb_type})")
            continue
        value = parsed(key.type, literal(text))
        if database.scalar(f"SELECT ({value}) IS NULL"):
            raise ApiError(
                "invalid",
                f"Partition key {key.name} with value '{text}' cannot be read as {key.type}. "
                f"File: {uri}",
            )
        cells.append(f"CAST({value} AS {key.duckdb_type})")
    return cells


def _pairs(prefix: str, uri: str) -> list[tuple[str, str | None]]:
    """The keys and texts in a name; a text is None where it stands for NULL."""
    if not uri.startswith(f"{prefix}/"):
        raise ApiError(
            "invalid", f"The hive partition prefix {prefix} is not a prefix of the URI {uri}"
        )
    pairs: list[tuple[str, str | None]] = []
    for part in uri[len(prefix) + 1 :].split("/")[:-1]:
        name, sign, text = part.partition("=")
        if sign and name:
            pairs.append((name, None if text == _NULL else unquote(text)))
    return pairs


def _check(expected: Sequence[str], found: Sequence[str], uri: str) -> None:
    if [name.lower() for name in expected] != [name.lower() for name in found]:
        raise ApiError(
            "invalid",
            "Partition keys should be invariant from table creation across all partitions, with "
            "the number of partition keys held constant with invariant names. Expected "
            f"{len(expected)} partition keys ([{', '.join(expected)}]), but {len(found)} "
            f"([{', '.join(found)}]) were encountered along path {uri.rpartition('/')[0]}.",
        )


def _kind(hive: Hive, texts: Sequence[str | None], database: Database) -> str:
    known = sorted({text for text in texts if text is not None})
    if hive.mode == "STRINGS" or not known:
        return "STRING"
    listed = ", ".join(f"({literal(text)})" for text in known)
    for kind in _DETECTED:
        test = f"SELECT bool_and({looks_like(kind, 'one')}) FROM (VALUES {listed}) AS t(one)"  # noqa: S608
        if database.scalar(test):
            return kind
    return "STRING"
