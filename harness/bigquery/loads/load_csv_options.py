"""The options of a CSV load, by "JobConfigurationLoad" of BigQuery's reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.load_bad import whole_number
from harness.bigquery.loads.load_csv_times import formats_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_DONE = ("timestampTargetPrecision",)
_MATCHES = ("SOURCE_COLUMN_MATCH_UNSPECIFIED", "POSITION", "NAME")


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
        markers: What stands for NULL; none where an empty field does.
        allowed: Rows that may be left out.
        control: Whether the character 0 is taken.
        by_name: Whether the line of names tells which column is which.
        formats: How dates and times are written, where the job says so.
    """

    skip: int
    delimiter: str
    quote: str
    quoted_newlines: bool
    jagged: bool
    extra: bool
    markers: tuple[str, ...]
    allowed: int
    control: bool
    by_name: bool
    formats: Mapping[str, str]


def options_of(configuration: Mapping[str, Any]) -> Options:
    """Read a JobConfigurationLoad.

    Raises:
        ApiError: A value is malformed, or is of an option that the stub does not do.
    """
    for name in _NOT_DONE:
        if configuration.get(name):
            raise UnsupportedError(name)
    delimiter = str(configuration.get("fieldDelimiter") or ",")
    quote = configuration.get("quote")
    quote = '"' if quote is None else str(quote)
    if len(quote) > 1:
        raise ApiError("invalid", f"Invalid value for quote: {quote} is not a single character")
    marker, markers = configuration.get("nullMarker"), configuration.get("nullMarkers")
    if markers and not isinstance(markers, list):
        raise ApiError("invalid", "Invalid value for nullMarkers: it is not a list")
    if marker and markers:
        raise ApiError("invalid", "Only one of nullMarker and nullMarkers can be specified")
    match = str(configuration.get("sourceColumnMatch") or _MATCHES[0])
    if match not in _MATCHES:
        raise ApiError("invalid", f"Invalid value for sourceColumnMatch: {match}")
    return Options(
        skip=whole_number(configuration, "skipLeadingRows"),
        delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter),
        quote=quote,
        quoted_newlines=bool(configuration.get("allowQuotedNewlines")),
        jagged=bool(configuration.get("allowJaggedRows")),
        extra=bool(configuration.get("ignoreUnknownValues")),
        markers=tuple(markers or ([marker] if marker else ())),
        allowed=whole_number(configuration, "maxBadRecords"),
        control=bool(configuration.get("preserveAsciiControlCharacters")),
        by_name=match == "NAME",
        formats=formats_of(configuration),
    )
