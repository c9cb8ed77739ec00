"""What is compared of an answer: where it came from, what it is, how large, and its columns."""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.record.bodies import head_of, readable
from harness.record.tabular import format_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# So many bytes of a text are enough for its first rows.
HEAD = 256 * 1024
# The footer of a parquet file is at its end, and is rarely larger.
TAIL = 1024 * 1024
_ROWS = 200


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One answer.

    Attributes:
        status: Its status.
        hops: Host and path of each address that led to it, the last one included.
        content_type: Its media type, without parameters.
        etag: Its ETag, or nothing.
        last_modified: When the origin says it was changed, or nothing.
        size: The size of the body in bytes, or None where nobody says.
        columns: The columns by name, each with a type as DuckDB or parquet names it; empty for
            what is no table.
        why: Why nothing could be learned, or nothing.
    """

    status: int = 0
    hops: tuple[str, ...] = ()
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    size: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


def columns_of(url: str, content_type: str, head: bytes, tail: bytes) -> dict[str, str]:
    """The columns of a tabular body, by its first rows or its footer.

    Args:
        url: Where it came from.
        content_type: Its media type.
        head: Its first bytes.
        tail: Its last bytes; all of it, if it is short.
    """
    kind = format_of(url, content_type, head)
    if kind == "parquet":
        return _of_parquet(tail)
    if kind is not None:
        text = head_of(head) if len(head) >= HEAD else readable(head)
        return _of_text(text, kind)
    if content_type.endswith("json"):
        return _of_json(head)
    return {}


def _of_parquet(tail: bytes) -> dict[str, str]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    # A footer says where it is from the end on, so that the rest need not be there.
    padded = b"PAR1" + b"\0" * 8 + tail
    try:
        schema = pq.read_schema(io.BytesIO(padded))
    except (pa.ArrowInvalid, OSError):
        return {}
    return {name: str(schema.field(name).type) for name in schema.names}


def _of_text(text: bytes, kind: str) -> dict[str, str]:
    import duckdb  # noqa: PLC0415

    from harness.engine import memory  # noqa: PLC0415

    whole = text[: text.rfind(b"\n") + 1] or text
    lines = b"\n".join(whole.split(b"\n", _ROWS)[:_ROWS])
    with tempfile.NamedTemporaryFile(prefix="mage-harness-drift-") as file, memory() as db:
        file.write(lines)
        file.flush()
        try:
            found = (
                db.read_csv(file.name)
                if kind == "csv"
                else db.read_json(file.name, format="newline_delimited")
            )
        except duckdb.Error:
            return {}
        return dict(zip(found.columns, map(str, found.types), strict=True))


def _of_json(body: bytes) -> dict[str, str]:
    """The names within the first record of a JSON document, by their paths."""
    try:
        value = json.loads(readable(body))
    except (ValueError, RecursionError):
        return {}
    found: dict[str, str] = {}
    _walk(value, "", found)
    return found


def _walk(value: Any, path: str, found: dict[str, str]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _walk(inner, f"{path}.{name}" if path else str(name), found)
    elif isinstance(value, list):
        if value:
            _walk(value[0], f"{path}[]", found)
    else:
        found[path or "value"] = type(value).__name__
