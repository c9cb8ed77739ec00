"""From MySQL's types to BigQuery's."""

from __future__ import annotations

import re
from typing import Any

from harness.contracts.bigquery_types import TEXT, decimal

_SIMPLE = {
    **dict.fromkeys(
        ("tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit"), "INTEGER"
    ),
    **dict.fromkeys(("float", "double"), "FLOAT"),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob"), "BYTES"),
    **dict.fromkeys(("mediumblob", "longblob"), "BYTES"),
    **{name: name.upper() for name in ("date", "datetime", "timestamp", "json")},
}
_TYPE = re.compile(r"(\w+)(?:\(([^)]*)\))?(.*)")


def from_mysql(text: str) -> dict[str, Any]:
    """The field without its name; what BigQuery has no type for is text, as MySQL shows it.

    Args:
        text: The type as MySQL writes it: ``bigint(20) unsigned``, ``decimal(20,4)``.
    """
    match = _TYPE.match(text.strip().lower())
    name, numbers, more = match.groups() if match else ("", "", "")
    if name == "decimal":
        digits, _, scale = (numbers or "10").partition(",")
        return decimal(int(digits), int(scale or 0))
    if (name, more.strip()) == ("bigint", "unsigned"):
        return {"type": "NUMERIC"}
    if name in ("char", "varchar", "varbinary") and numbers:
        return {"type": "BYTES" if name == "varbinary" else "STRING", "maxLength": numbers}
    return {"type": _SIMPLE[name]} if name in _SIMPLE else dict(TEXT)
