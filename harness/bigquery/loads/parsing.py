"""Text cells of CSV and JSON as typed SQL: what does not parse becomes NULL, to be found after."""

from __future__ import annotations

from harness.bigquery.errors import UnsupportedError

_INTEGER = r"\s*[+-]?[0-9]+\s*"
_FLOAT = (
    r"(?i)\s*[+-]?([0-9]+\.?[0-9]*([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?|inf(inity)?|nan)\s*"
)
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_TIME = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
_CIVIL = rf"{_DATE}([ T]{_TIME})?"
# "Loading CSV data": the date of a TIMESTAMP may have slashes too.
_EITHER = r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_INSTANT = rf"{_EITHER}([ T]{_TIME})? ?(Z|UTC|[+-][0-9]{{1,2}}(:?[0-9]{{2}})?)?"
_NAMED = rf"({_EITHER}([ T]{_TIME})?) ([A-Za-z]+(/[A-Za-z_+0-9-]+)+)"
_SECONDS = r"-?[0-9]{1,12}(\.[0-9]+)?"
_TRUE = "('true', 't', 'yes', 'y', '1')"
_FALSE = "('false', 'f', 'no', 'n', '0')"


def parsed(kind: str, text: str) -> str:
    """SQL that reads a text as a type, NULL where it is not one.

    Args:
        kind: GoogleSQL's scalar type.
        text: SQL of the text.

    Raises:
        UnsupportedError: The type has no text form here.
    """
    forms = {
        "STRING": text,
        "INT64": _guarded(text, _INTEGER, "BIGINT"),
        "FLOAT64": _guarded(text, _FLOAT, "DOUBLE"),
        "NUMERIC": _guarded(text, _FLOAT, "DECIMAL(38,9)"),
        "BOOL": (
            f"CASE WHEN lower({text}) IN {_TRUE} THEN true "
            f"WHEN lower({text}) IN {_FALSE} THEN false END"
        ),
        "DATE": _guarded(text, _DATE, "DATE"),
        "TIME": _guarded(text, _TIME, "TIME"),
        "DATETIME": _guarded(text, _CIVIL, "TIMESTAMP"),
        "TIMESTAMP": _instant(text),
        "BIGNUMERIC": f"bqs_to_bignumeric({text})",
        "INTERVAL": f"bqs_to_interval({text})",
        "BYTES": f"TRY(from_base64({text}))",
        "JSON": f"TRY_CAST({text} AS JSON)",
    }
    if kind.startswith("RANGE<"):
        from harness.bigquery.sql.kinds import Kind  # noqa: PLC0415
        from harness.bigquery.sql.ranges import range_of_text  # noqa: PLC0415

        return range_of_text(text, Kind(kind), safe=True)
    if kind not in forms:
        raise UnsupportedError(f"{kind} from text")
    return forms[kind]


def _instant(text: str) -> str:
    """A time with a zone, which is UTC where there is none; or seconds since the epoch."""
    dashes = f"replace({text}, '/', '-')"
    offset = f"TRY_CAST(regexp_replace({dashes}, ' ?(Z|UTC)$', '+00') AS TIMESTAMPTZ)"
    named = f"TRY_CAST(regexp_replace({text}, '([0-9])/([0-9])', '\\1-\\2', 'g') AS TIMESTAMPTZ)"
    micros = f"CAST(round(CAST({text} AS DECIMAL(38, 9)) * 1000000) AS BIGINT)"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_INSTANT}') THEN {offset} "
        f"WHEN regexp_full_match({text}, '{_NAMED}') THEN {named} "
        f"WHEN regexp_full_match({text}, '{_SECONDS}') THEN make_timestamptz({micros}) END"
    )


def looks_like(kind: str, text: str) -> str:
    """SQL that tells whether a text would be detected as a type."""
    forms = {
        "BOOL": f"lower({text}) IN ('true', 'false')",
        "INT64": f"regexp_full_match({text}, '{_INTEGER}')",
        "FLOAT64": f"regexp_full_match({text}, '{_FLOAT}')",
        "DATE": f"regexp_full_match({text}, '{_DATE}')",
        "TIMESTAMP": f"regexp_full_match({text}, '{_EITHER}[ T]{_TIME} ?(Z|UTC|[+-][0-9:]+)?')",
        "TIME": f"regexp_full_match({text}, '{_TIME}')",
    }
    return forms[kind]


def _guarded(text: str, pattern: str, kind: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, '{pattern}') THEN TRY_CAST({text} AS {kind}) END"
