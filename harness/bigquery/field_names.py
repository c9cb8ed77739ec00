"""Names of columns, and of fields in them. Source: "Specify a schema", "Column names"."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from harness.bigquery.types import Field

# Columns of a table that is cut by the time its rows came, which no client declares.
PARTITION_TIME = "_PARTITIONTIME"
PARTITION_DATE = "_PARTITIONDATE"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 300
# "Flexible column names": letters, numbers and marks of any language, connectors and dashes.
_KINDS = ("L", "N", "M")
_DETAILED_KINDS = ("Pc", "Pd")
_SIGNS = "&%=+:'<>#|"
# The service names these six where it refuses one; the page has three more.
_TOLD = ("_PARTITION", "_TABLE_", "_FILE_", "_ROW_TIMESTAMP", "__ROOT__", "_COLIDENTIFIER")
_RESERVED = (*_TOLD, "_CHANGE_SEQUENCE_NUMBER", "_CHANGE_TYPE", "_CHANGE_TIMESTAMP")


def checked(fields: tuple[Field, ...], *, flexible: bool = True) -> tuple[Field, ...]:
    """The fields, if their names are allowed and distinct.

    Args:
        fields: The columns of a table.
        flexible: Whether names beyond letters, numbers and underscores are allowed.

    Raises:
        ApiError: A name is not allowed or occurs twice.
    """
    seen: set[str] = set()
    for field in fields:
        _check(field.name, flexible=flexible)
        if field.name.lower() in seen:
            raise ApiError(
                "invalid",
                f"Duplicate field name: {field.name}. Field names are case-insensitive.",
            )
        seen.add(field.name.lower())
        checked(field.fields, flexible=flexible)
    return fields


def is_plain(name: str) -> bool:
    """Whether a name needs no backquotes but for reserved words: it is not a flexible one."""
    return _PLAIN.fullmatch(name) is not None


def written(name: str) -> str:
    """A name as it stands in a type: ``STRUCT<`a b` INT64>``."""
    return name if is_plain(name) else f"`{name}`"


def normalized(name: str) -> str:
    """A flexible name made of any: what is not allowed becomes an underscore."""
    return "".join(sign if _allowed(sign) else "_" for sign in name)


def _check(name: str, *, flexible: bool) -> None:
    if name.upper().startswith(_RESERVED):
        listed = f"{', '.join(_TOLD[:-1])} and {_TOLD[-1]}"
        if not name.upper().startswith(_TOLD):
            listed = f"{', '.join(_RESERVED[:-1])} and {_RESERVED[-1]}"
        raise ApiError(
            "invalid",
            f'Invalid field name "{name}". Field names are not allowed to start with the '
            f"(case-insensitive) prefixes {listed}",
        )
    if not flexible and name and not is_plain(name):
        raise ApiError(
            "invalid",
            f'Invalid field name "{name}". Fields must contain only letters, numbers, '
            "and underscores, start with a letter or underscore, and be at most 300 "
            "characters long.",
        )
    if not name or len(name) > _LONGEST or not all(map(_allowed, name)):
        raise ApiError(
            "invalid",
            f'Invalid field name "{name}". Fields must contain the allowed characters, and be at '
            "most 300 characters long. For allowed characters, please refer to "
            "https://cloud.google.com/bigquery/docs/schemas#column_names",
        )


def _allowed(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return kind[0] in _KINDS or kind in _DETAILED_KINDS or sign in _SIGNS or sign.isspace()
