"""DuckDB macros with BigQuery's arithmetic and conversions.

``typeof`` is a constant to DuckDB's optimiser, so the branches of the other types cost nothing.
An error text that begins with ``bq:`` is BigQuery's, one that begins with ``stub:`` is a refusal
(``harness.bigquery.sql.failures`` turns both into answers).
"""

from __future__ import annotations

import re

from harness.bigquery.sql.macros_bignumeric import BIGNUMERIC_MACROS
from harness.bigquery.sql.macros_calls import CALL_MACROS
from harness.bigquery.sql.macros_intervals import INTERVAL_MACROS
from harness.bigquery.sql.macros_json import JSON_MACROS
from harness.bigquery.sql.macros_numbers import NUMBER_MACROS
from harness.bigquery.sql.macros_numeric import NUMERIC_MACROS
from harness.bigquery.sql.macros_ranges import RANGE_MACROS
from harness.bigquery.sql.macros_shown import SHOWN_MACROS
from harness.bigquery.sql.macros_text import TEXT_MACROS
from harness.bigquery.sql.macros_times import TIME_MACROS

_INTEGER = r"[ \t]*[+-]?[0-9]+[ \t]*"
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_BOOL = "lower(CAST(x AS VARCHAR)) IN ('true', 'false')"
# BigQuery writes a fraction of seconds with three or six digits, or not at all.
_FRACTION = """CASE WHEN {us} % 1000000 = 0 THEN ''
  WHEN {us} % 1000 = 0 THEN '.' || lpad(CAST({us} % 1000000 // 1000 AS VARCHAR), 3, '0')
  ELSE '.' || lpad(CAST({us} % 1000000 AS VARCHAR), 6, '0') END"""
_CIVIL = "TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP)"
_CIVIL_TEXT = f"strftime({_CIVIL}, '%Y-%m-%d %H:%M:%S') || " + _FRACTION.format(
    us=f"((epoch_us({_CIVIL}) % 1000000 + 1000000) % 1000000)"
)
_DOUBLE = "TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE)"

_STRICT = (
    f"""CREATE MACRO bq_to_string(x) AS CASE
       WHEN typeof(x) = 'DOUBLE' AND (abs({_DOUBLE}) >= 1e15
         OR (abs({_DOUBLE}) < 1e-4 AND {_DOUBLE} <> 0)) AND isfinite({_DOUBLE})
       THEN error('stub:CAST of a very large or small FLOAT64 AS STRING')
       WHEN typeof(x) = 'DOUBLE' THEN regexp_replace(CAST(x AS VARCHAR), '\\.0$', '')
       WHEN typeof(x) LIKE 'DECIMAL%' THEN
         regexp_replace(regexp_replace(CAST(x AS VARCHAR), '(\\.[0-9]*?)0+$', '\\1'), '\\.$', '')
       WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN {_CIVIL_TEXT} || '+00'
       WHEN typeof(x) = 'TIMESTAMP' THEN {_CIVIL_TEXT}
       WHEN typeof(x) IN ('BLOB', 'TIME', 'JSON') OR typeof(x) LIKE 'STRUCT%'
         OR typeof(x) LIKE '%]' THEN error('stub:CAST of ' || typeof(x) || ' AS STRING')
       ELSE CAST(x AS VARCHAR) END""",
    r"""CREATE MACRO bq_div(a, b) AS CASE
       WHEN b = 0 THEN error('bq:division by zero: '
         || regexp_replace(CAST(a AS VARCHAR), '\.0$', '') || ' / 0')
       WHEN isinf(a / b) AND isfinite(a) AND isfinite(b)
       THEN CAST('bq:double overflow: ' || CAST(a AS VARCHAR) || ' / ' || CAST(b AS VARCHAR)
         AS DOUBLE)
       ELSE a / b END""",
    "CREATE MACRO bq_safe_div(a, b) AS CASE WHEN b = 0 THEN NULL ELSE a / b END",
    # BigQuery takes 0 for the first character and clamps a position before the text.
    """CREATE MACRO bq_start(s, p) AS CASE WHEN p = 0 OR p < -length(s) THEN 1 ELSE p END""",
    """CREATE MACRO bq_at(a, i) AS CASE WHEN i < 1 OR i > len(a)
       THEN error('bq:Array index ' || CAST(i - 1 AS VARCHAR) || ' is out of bounds')
       ELSE a[i] END""",
    """CREATE MACRO bq_safe_at(a, i) AS CASE WHEN i < 1 OR i > len(a) THEN NULL ELSE a[i] END""",
    f"""CREATE MACRO bq_to_int(x) AS CASE
       WHEN typeof(x) = 'DOUBLE' THEN CAST(round({_DOUBLE}) AS BIGINT)
       WHEN typeof(x) = 'VARCHAR' AND x IS NOT NULL
         AND NOT regexp_full_match(CAST(x AS VARCHAR), '{_INTEGER}')
       THEN error('bq:Bad int64 value: ' || CAST(x AS VARCHAR))
       ELSE CAST(x AS BIGINT) END""",
    """CREATE MACRO bq_to_float(x) AS CASE
       WHEN typeof(x) = 'VARCHAR' AND contains(CAST(x AS VARCHAR), '_')
       THEN error('bq:Bad double value: ' || CAST(x AS VARCHAR))
       ELSE CAST(x AS DOUBLE) END""",
    f"""CREATE MACRO bq_to_bool(x) AS CASE
       WHEN typeof(x) = 'VARCHAR' AND x IS NOT NULL AND NOT {_BOOL}
       THEN error('bq:Bad bool value: ' || CAST(x AS VARCHAR))
       ELSE CAST(x AS BOOLEAN) END""",
    f"""CREATE MACRO bq_to_date(x) AS CASE
       WHEN typeof(x) = 'VARCHAR' AND x IS NOT NULL
         AND NOT regexp_full_match(CAST(x AS VARCHAR), '{_DATE}')
       THEN error('bq:Invalid date: ''' || CAST(x AS VARCHAR) || '''')
       ELSE CAST(x AS DATE) END""",
    r"""CREATE MACRO bq_to_numeric(x) AS CASE
       WHEN typeof(x) = 'VARCHAR' AND x IS NOT NULL AND NOT regexp_full_match(
         trim(CAST(x AS VARCHAR)), '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?')
       THEN error('bq:Invalid NUMERIC value: ' || CAST(x AS VARCHAR))
       ELSE CAST(x AS DECIMAL(38,9)) END""",
    """CREATE MACRO bq_bytes_to_string(x) AS CASE WHEN x IS NULL THEN NULL
       WHEN TRY(decode(CAST(x AS BLOB))) IS NULL
       THEN error('bq:Invalid UTF-8 string') ELSE decode(CAST(x AS BLOB)) END""",
    *TEXT_MACROS,
    *NUMBER_MACROS,
    *NUMERIC_MACROS,
    *TIME_MACROS,
    *JSON_MACROS,
)


def _forgiving(macro: str) -> str:
    """The twin that gives NULL where a macro fails; a refusal of the stub stays one."""
    named = re.sub(r"\bbq_", "bqs_", macro).replace("error('bqs:", "error('bq:")
    return re.sub(r"(?<!TRY_)\bCAST\(", "TRY_CAST(", named).replace("error('bq:", "bq_null('bq:")


def _steady(macro: str) -> str:
    """The twin that fails by a cast."""
    return re.sub(r"\berror\(", "bqw_error(", re.sub(r"\bbq_", "bqw_", macro))


def safe(sql: str) -> str:
    """An expression with each macro's twin that gives NULL; texts are left as they are."""
    return _with(sql, {"bq_": "bqs_"})


def steady(sql: str) -> str:
    """An expression with each macro's twin that may stand in OVER.

    There DuckDB takes nothing volatile, which ``error`` is. Elsewhere that is of use: what is
    volatile is not done before the conditions that stand before it.
    """
    return _with(sql, {"bq_": "bqw_", "error(": "bqw_error("})


def _with(sql: str, names: dict[str, str]) -> str:
    return re.sub(
        r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\b(?:bq_|error\()",
        lambda found: names.get(found[0], found[0]),
        sql,
    )


_TYPES = (*BIGNUMERIC_MACROS, *INTERVAL_MACROS, *RANGE_MACROS)
_ALL = (*_STRICT, *CALL_MACROS, *SHOWN_MACROS, *_TYPES)
MACROS = _STRICT
# What DuckDB learns when a statement first needs it: a start has no time for all of it.
LATER: dict[str, tuple[str, ...]] = {
    "calls": CALL_MACROS,
    "shown": SHOWN_MACROS,
    "types": _TYPES,
    "twins": (
        "CREATE MACRO bqs_null(x) AS NULL",
        "CREATE MACRO bq_null(x) AS NULL",
        *(_forgiving(one) for one in _ALL),
    ),
    "steady": (
        # A cast is not volatile; its result has the type of NULL, as that of error().
        "CREATE MACRO bqw_error(told) AS list_extract([NULL], CAST(told || '' AS BIGINT))",
        *(_steady(one) for one in _ALL),
    ),
}
_NAME = re.compile(r"\bbq[sw]?_\w+")
_GROUPS = {
    name: group
    for group, macros in LATER.items()
    for macro in macros
    for name in _NAME.findall(macro.partition("(")[0])
}


def groups_in(sql: str) -> set[str]:
    """The groups of ``LATER`` that a part of DuckDB's SQL calls."""
    return {_GROUPS[name] for name in _NAME.findall(sql) if name in _GROUPS}
