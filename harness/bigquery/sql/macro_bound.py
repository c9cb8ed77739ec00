"""Macros of DuckDB whose arguments are worked out once.

DuckDB puts an argument's SQL wherever a macro's body names it, so that macros within macros grow
beyond measure. In a lambda it is one value.
"""

from __future__ import annotations

import re


def bound(name: str, arguments: str, body: str) -> str:
    """The SQL that makes a macro.

    Args:
        name: Its name.
        arguments: The names of its arguments, parted by a comma and a blank.
        body: SQL in which they stand as bare words.
    """
    names = arguments.split(", ")
    packed = ", ".join(f"{one} := {one}" for one in names)
    row = f"{name.removeprefix('bq_')}_"
    inner = re.sub(r"\b(" + "|".join(names) + r")\b(?!')(?! :=)", rf"{row}.\1", body)
    return (
        f"CREATE MACRO {name}({arguments}) AS "
        f"list_transform([struct_pack({packed})], lambda {row} : {inner})[1]"
    )
