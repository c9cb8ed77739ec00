"""Options of calls: how to write, to sort, to join, and in which unit."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.mutate.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource

_WRITING = {
    "replace": "append",
    "append": "replace",
    "overwrite": "append",
    "WRITE_TRUNCATE": "WRITE_APPEND",
    "WRITE_APPEND": "WRITE_TRUNCATE",
    "delete_matching": "overwrite_or_ignore",
    "overwrite_or_ignore": "delete_matching",
    "w": "a",
    "a": "w",
}
_KEEPING = {"first": "last", "last": "first"}
_JOINS = {"left": "inner", "right": "inner", "outer": "inner", "full": "inner", "inner": "left"}
_UNITS = {
    "s": "ms",
    "ms": "us",
    "us": "ns",
    "ns": "us",
    "m": "s",
    "h": "m",
    "D": "M",
    "d": "M",
    "M": "D",
    "ME": "D",
    "MS": "D",
    "W": "D",
    "H": "D",
    "Y": "M",
}
_PARTS = {"year": "month", "month": "day", "day": "month", "hour": "minute", "minute": "hour"}
_BY_NAME: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "if_exists": ("option", _WRITING),
    "mode": ("option", _WRITING),
    "write_disposition": ("option", _WRITING),
    "existing_data_behavior": ("option", _WRITING),
    "export_write_policy": ("option", _WRITING),
    "keep": ("option", _KEEPING),
    "how": ("join", _JOINS),
    "unit": ("unit", _UNITS),
    "freq": ("unit", _UNITS),
    "coerce_timestamps": ("unit", _UNITS),
}
_TAKES_UNIT = frozenset({"resample", "to_period", "floor", "ceil", "date_range", "Timedelta"})


def options(node: ast.AST, source: PySource, _columns: Columns) -> Iterator[Change]:
    """``if_exists='replace'`` becomes ``'append'``, ``ascending=True`` becomes ``False``."""
    match node:
        case ast.keyword(arg=str(name), value=ast.Constant(value=bool(value)) as place):
            operator = "order" if name == "ascending" else "option"
            yield _changed(source, place, str(not value), operator, f"{name}=")
        case ast.keyword(arg=str(name), value=ast.Constant(value=str(value)) as place):
            operator, others = _BY_NAME.get(name, ("", {}))
            if value in others:
                yield _changed(source, place, repr(others[value]), operator, f"{name}=")
        case ast.Call(func=ast.Attribute(attr=name), args=[ast.Constant(value=str(value)), *_]):
            if name in _TAKES_UNIT and value in _UNITS:
                yield _changed(source, node.args[0], repr(_UNITS[value]), "unit", f"{name} ")
        case ast.Attribute(value=ast.Attribute(attr="dt"), attr=name):
            if name in _PARTS:
                start = source.dot_of(node) + 1
                yield Change(
                    start=start,
                    end=source.span(node)[1],
                    new=_PARTS[name],
                    operator="unit",
                    what=f".dt.{name} becomes .dt.{_PARTS[name]}",
                )
        case _:
            return


def _changed(source: PySource, place: ast.expr, new: str, operator: str, name: str) -> Change:
    start, end = source.span(place)
    old = source.text[start:end]
    if new.startswith("'") and old.startswith('"'):
        new = f'"{new[1:-1]}"'
    return Change(
        start=start, end=end, new=new, operator=operator, what=f"{name}{old} becomes {new}"
    )
