"""How many rows a value has, and what kind of value it is, without copying it."""

import inspect
from typing import Any, Dict, List, Optional


def describe(value: Any) -> Dict[str, Any]:
    """Kind, rows and columns of a block's input or output."""
    try:
        return {"kind": _kind(value), "rows": rows(value), "columns": _columns(value)}
    except Exception:
        # A strange value is the block's affair; to look at it must not change the run.
        return {"kind": type(value).__name__, "rows": None, "columns": None}


def rows(value: Any) -> Optional[int]:
    """Number of rows of a frame or table, length of a list, else None."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape and isinstance(shape[0], int):
        return shape[0]
    if isinstance(value, (list, tuple, set)):
        return len(value)
    return None


def _kind(value: Any) -> str:
    if value is None:
        return "none"
    if inspect.isgenerator(value) or inspect.isasyncgen(value):
        return "generator"
    return type(value).__name__


def _columns(value: Any) -> Optional[List[str]]:
    names = getattr(value, "columns", None)
    shape = getattr(value, "shape", None)
    if names is None or not isinstance(shape, tuple):
        return None
    return [str(name) for name in names][:1000]
