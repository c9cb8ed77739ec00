"""JSONPath. Source: "JSONPath format" of "JSON functions" of the reference."""

from __future__ import annotations

import json
import re

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.arguments import constant_text
from harness.bigquery.sql.places import at, position

_NAMED = r"\.(?P<name>[^.\[\]\"'$@*? ()]+)"
_QUOTED = r"\.\"(?P<quoted>(?:[^\"\\]|\\.)*)\""
_PLACE = r"\[\s*(?P<place>\d+)\s*\]"
_OLD = r"\[\s*(?P<mark>['\"])(?P<old>(?:(?!(?P=mark))[^\\]|\\.)*)(?P=mark)\s*\]"
_STEP = re.compile(f"{_NAMED}|{_QUOTED}|{_PLACE}")
_OLD_STEP = re.compile(f"{_NAMED}|{_PLACE}|{_OLD}")


def steps_of(node: exp.Expr, *, function: str, old: bool = False) -> list[str | int] | None:
    """The names and places of a constant path; None where it is NULL.

    Args:
        node: The argument.
        function: Whose argument it is.
        old: Whether keys are escaped with brackets, as JSON_EXTRACT has it, or with quotes.

    Raises:
        ApiError: It is no constant, or no path.
    """
    if isinstance(node, exp.Null):
        return None
    text = constant_text(node)
    if text is None:
        raise UnsupportedError(
            f"{function} with a JSONPath that is not a literal", position=position(node)
        )
    if re.match(r"(lax|strict)\b", text):
        raise UnsupportedError(f"a mode in a JSONPath: {text}", position=position(node))
    if not text.startswith("$"):
        raise ApiError("invalidQuery", f"JSONPath must start with '$'{at(node)}", location="query")
    steps: list[str | int] = []
    end = 1
    pattern = _OLD_STEP if old else _STEP
    while end < len(text):
        found = pattern.match(text, end)
        if found is None:
            raise ApiError("invalidQuery", f"Invalid token in JSONPath at: {text[end:]}{at(node)}")
        groups = found.groupdict()
        if groups["place"] is not None:
            steps.append(int(groups["place"]))
        else:
            key = next(one for one in ("name", "quoted", "old") if groups.get(one) is not None)
            steps.append(re.sub(r"\\(.)", r"\1", groups[key]))
        end = found.end()
    return steps


def duckdb_path(steps: list[str | int], *, node: exp.Expr) -> str:
    """The same path for DuckDB.

    Raises:
        UnsupportedError: DuckDB cannot write it.
    """
    for one in steps:
        if isinstance(one, str) and '"' in one:
            raise UnsupportedError("a quote in a key of a JSONPath", position=position(node))
    return "$" + "".join(f"[{one}]" if isinstance(one, int) else f'."{one}"' for one in steps)


def json_steps(steps: list[str | int]) -> str:
    """The path as a JSON list, for ``harness.bigquery.vectors.edits``."""
    return json.dumps(steps, ensure_ascii=False)
