"""How many rows a value has, and what kind of value it is, without copying it."""

import inspect
import re
from typing import Any, Dict, List, Optional

_DESCRIBED = re.compile(r"builtins\.(async_)?(generator|coroutine|map|filter|zip|dict_\w+)$")
_LOOKED_AT = 100


def describe(value: Any) -> Dict[str, Any]:
    """Kind, rows and columns of a block's input or output."""
    try:
        return {"kind": _kind(value), "rows": rows(value), "columns": _columns(value)}
    except Exception:
        # A strange value is the block's affair; to look at it must not change the run.
        return {"kind": type(value).__name__, "rows": None, "columns": None}


def rows(value: Any) -> Optional[int]:
    """Number of rows of a frame or table, length of a list, else None.

    Several outputs of one block reach the next as a list: the rows of the tables in it.
    """
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape and isinstance(shape[0], int):
        return shape[0]
    if isinstance(value, list) and any(hasattr(one, "shape") for one in value[:_LOOKED_AT]):
        return sum(rows(one) or 0 for one in value if hasattr(one, "shape"))
    if isinstance(value, (list, tuple, set)):
        return len(value)
    return None


def _kind(value: Any) -> str:
    if value is None:
        return "none"
    if _lost(value):
        return "lost"
    if inspect.isgenerator(value) or inspect.isasyncgen(value):
        return "generator"
    return type(value).__name__


def _lost(value: Any) -> bool:
    """Whether Mage kept only a description of a value that it could not write to the disk.

    It writes the text ``builtins.generator``, or a map of module, name and type.
    """
    if isinstance(value, str):
        return _DESCRIBED.match(value) is not None
    if isinstance(value, dict):
        described = {"module", "name", "type"} <= value.keys() and value["type"] == "instance"
        return described or any(
            isinstance(one, str) and _lost(one) for one in list(value.values())[:_LOOKED_AT]
        )
    if isinstance(value, list):
        return any(isinstance(one, (str, dict)) and _lost(one) for one in value[:_LOOKED_AT])
    return False


def _columns(value: Any) -> Optional[List[str]]:
    names = getattr(value, "columns", None)
    shape = getattr(value, "shape", None)
    if names is None or not isinstance(shape, tuple):
        return None
    return [str(name) for name in names][:1000]
