"""What shapes of bodies are made of, and what several have; a function tells an object's parts.

A function, since some resources hold themselves: a field has fields, a type has types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT = "TYPE_STRING"
VALUE = "TYPE_STRING or a number"
"""A text that may be written as a number: clients send parameters so."""
WHOLE = "TYPE_INT64"
FLAG = "TYPE_BOOL"
JSON = "JSON"
"""Anything."""
MAP = "*"
"""The name that stands for all names of an object that has no fixed ones."""

Shape: TypeAlias = Union[str, "list[Shape]", "Callable[[], Mapping[str, Shape]]"]


def of(**parts: Shape) -> Callable[[], Mapping[str, Shape]]:
    """An object's shape.

    Args:
        parts: The shapes of its parts by name.
    """
    return lambda: parts


def _field() -> Mapping[str, Shape]:
    texts = ("name", "type", "mode", "description", "collation", "defaultValueExpression")
    return {
        **dict.fromkeys(texts, TEXT),
        **dict.fromkeys(("maxLength", "precision", "scale"), WHOLE),
        "fields": [_field],
        "policyTags": of(names=[TEXT]),
        "rangeElementType": of(type=TEXT),
    }


LABELS: Shape = lambda: {MAP: TEXT}  # noqa: E731 - a shape, not a thing to call by name
DATASET_REF = of(projectId=TEXT, datasetId=TEXT)
TABLE_REF = of(projectId=TEXT, datasetId=TEXT, tableId=TEXT)
SCHEMA = of(fields=[_field])
_TIME = of(type=TEXT, field=TEXT, expirationMs=WHOLE, requirePartitionFilter=FLAG)
_RANGE = of(field=TEXT, range=of(start=WHOLE, end=WHOLE, interval=WHOLE))
LAYOUT: Mapping[str, Shape] = {
    "timePartitioning": _TIME,
    "rangePartitioning": _RANGE,
    "clustering": of(fields=[TEXT]),
}
_CSV = of(
    fieldDelimiter=TEXT,
    quote=TEXT,
    encoding=TEXT,
    skipLeadingRows=WHOLE,
    allowQuotedNewlines=FLAG,
    allowJaggedRows=FLAG,
    nullMarker=TEXT,
)
EXTERNAL = of(
    sourceUris=[TEXT],
    sourceFormat=TEXT,
    schema=SCHEMA,
    autodetect=FLAG,
    compression=TEXT,
    maxBadRecords=WHOLE,
    ignoreUnknownValues=FLAG,
    csvOptions=_CSV,
    hivePartitioningOptions=of(
        mode=TEXT, sourceUriPrefix=TEXT, requirePartitionFilter=FLAG, fields=[TEXT]
    ),
    parquetOptions=of(enumAsString=FLAG, enableListInference=FLAG),
)
