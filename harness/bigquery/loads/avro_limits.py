"""What a damaged Avro file may cost: no number in it makes room before its bytes are there.

BigQuery's own limits ("Quotas and limits", load jobs) are a data block of 16 MB and 10,000 columns;
the first is drawn wider here, as it is not said whether the packed form is meant.
"""

from __future__ import annotations

import zlib
from typing import Any

from harness.bigquery.errors import ApiError
from harness.bigquery.loads.load_bad import READING

BLOCK_BYTES = 1 << 28
MOST_FIELDS = 10_000
# Records without any bytes are counted by their block alone.
_EMPTY_RECORDS = 1 << 16


def too_long() -> ApiError:
    """What is said of a block that is longer than any that is read."""
    return ApiError(
        "invalid",
        f"{READING} A data block of an Avro file is longer than {BLOCK_BYTES >> 20} MB.",
    )


def inflated(content: bytes) -> bytes:
    """A packed block, unpacked as far as a block may be long.

    Raises:
        zlib.error: It is damaged.
        EOFError: It is cut off.
        ApiError: It is longer.
    """
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacked = unpacker.decompress(content, BLOCK_BYTES)
    if unpacker.unconsumed_tail:
        raise too_long()
    if not unpacker.eof:
        raise EOFError
    return unpacked


def least_bytes(schema: Any) -> int:
    """The least number of bytes that a value of a schema takes.

    Args:
        schema: As ``avro_schema`` makes it: every name is written out.
    """
    if isinstance(schema, list):
        return 1 + min((least_bytes(one) for one in schema), default=0)
    if schema == "null":
        return 0
    if isinstance(schema, dict) and schema["type"] == "record":
        return sum(least_bytes(one["type"]) for one in schema["fields"])
    if isinstance(schema, dict) and schema["type"] == "fixed":
        return max(0, int(schema["size"]))
    return {"float": 4, "double": 8}.get(schema, 1) if isinstance(schema, str) else 1


def may_hold(content: bytes, count: int, least: int) -> bool:
    """Whether a block can hold as many records as it says.

    Args:
        content: The block.
        count: How many it says.
        least: The bytes that each takes at least.
    """
    return count * least <= len(content) if least else count <= _EMPTY_RECORDS
