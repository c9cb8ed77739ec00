"""The options of a CSV load, by "JobConfigurationLoad" of BigQuery's reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.load_bad import whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENCODINGS = {"UTF-8": "utf-8", "ISO-8859-1": "latin-1"}
_NOT_DONE = (
    "dateFormat",
    "datetimeFormat",
    "nullMarkers",
    "preserveAsciiControlCharacters",
    "sourceColumnMatch",
    "timeFormat",
    "timeZone",
    "timestampFormat",
    "timestampTargetPrecision",
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a file is written.

    Attributes:
        skip: Lines at the start that are not data.
        delimiter: Between fields.
        quote: Around a field, doubled within; or nothing.
        quoted_newlines: Whether a field in quotes may hold line ends.
        jagged: Whether fields at the end may be missing.
        extra: Whether fields that the schema does not have are left out.
        marker: What stands for NULL beside an empty field, or None.
        encoding: Python's name.
        allowed: Rows that may be left out.
    """

    skip: int
    delimiter: str
    quote: str
    quoted_newlines: bool
    jagged: bool
    extra: bool
    marker: str | None
    encoding: str
    allowed: int


def options_of(configuration: Mapping[str, Any]) -> Options:
    """Read a JobConfigurationLoad.

    Raises:
        ApiError: A value is malformed, or is of an option that the stub does not do.
    """
    for name in _NOT_DONE:
        if configuration.get(name):
            raise UnsupportedError(name)
    encoding = str(configuration.get("encoding") or "UTF-8").upper()
    if encoding not in _ENCODINGS:
        raise UnsupportedError(f"encoding {encoding}")
    delimiter = str(configuration.get("fieldDelimiter") or ",")
    quote = configuration.get("quote")
    quote = '"' if quote is None else str(quote)
    if len(quote) > 1:
        raise ApiError("invalid", f"Invalid value for quote: {quote} is not a single character")
    return Options(
        skip=whole_number(configuration, "skipLeadingRows"),
        delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter),
        quote=quote,
        quoted_newlines=bool(configuration.get("allowQuotedNewlines")),
        jagged=bool(configuration.get("allowJaggedRows")),
        extra=bool(configuration.get("ignoreUnknownValues")),
        marker=configuration.get("nullMarker") or None,
        encoding=_ENCODINGS[encoding],
        allowed=whole_number(configuration, "maxBadRecords"),
    )
