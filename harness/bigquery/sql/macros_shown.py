"""DuckDB macros that write values as FORMAT and TO_JSON_STRING do."""

from __future__ import annotations

# 1e15 and up have an exponent in BigQuery, in DuckDB from 1e16 on.
_SHORT = r"""regexp_replace(regexp_replace(replace(CAST(x AS VARCHAR), '.', ''), '0+$', ''),
  '^(-?[0-9])([0-9]+)$', '\1.\2') || 'e+15'"""
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_ESCAPED = (
    r"replace(replace(replace(replace({x}, '\', '\\'), chr(10), '\n'), chr(13), '\r'), "
    r"chr(9), '\t')"
)

SHOWN_MACROS = (
    # As in a literal: 1.0, 1e+15, 1e-05.
    f"""CREATE MACRO bq_float_text(x) AS CASE WHEN abs(x) >= 1e15 AND abs(x) < 1e16
       THEN {_SHORT} WHEN x = 0 THEN '0.0' ELSE CAST(CAST(x AS DOUBLE) AS VARCHAR) END""",
    """CREATE MACRO bq_json_float_text(x) AS CASE WHEN isnan(x) THEN '"NaN"'
       WHEN isinf(x) THEN CASE WHEN x > 0 THEN '"Infinity"' ELSE '"-Infinity"' END
       ELSE bq_float_text(x) END""",
    r"""CREATE MACRO bq_float_literal(x) AS CASE WHEN isfinite(x) THEN bq_float_text(x)
       ELSE 'CAST("' || CAST(x AS VARCHAR) || '" AS FLOAT64)' END""",
    f"""CREATE MACRO bq_text_literal(x) AS CASE WHEN regexp_matches(x, '{_CONTROL}')
       THEN error('stub:%T of a text with control characters')
       WHEN contains(x, '"') AND NOT contains(x, '''')
       THEN '''' || {_ESCAPED.format(x="x")} || ''''
       ELSE '"' || replace({_ESCAPED.format(x="x")}, '"', '\\"') || '"' END""",
    r"""CREATE MACRO bq_bytes_text(points) AS array_to_string(list_transform(points,
       lambda c_ : CASE WHEN c_ = 92 THEN '\\' WHEN c_ = 10 THEN '\n' WHEN c_ = 13 THEN '\r'
       WHEN c_ = 9 THEN '\t'
       WHEN c_ BETWEEN 32 AND 126 THEN chr(CAST(c_ AS INTEGER))
       ELSE '\x' || printf('%02x', c_) END), '')""",
    """CREATE MACRO bq_bytes_literal(points) AS 'b' || CASE
       WHEN list_contains(points, 34) AND NOT list_contains(points, 39)
       THEN '''' || bq_bytes_text(points) || ''''
       ELSE '"' || replace(bq_bytes_text(points), '"', '\\"') || '"' END""",
    # A negative width is one to the left; lpad() alone would cut.
    """CREATE MACRO bq_padded(s, w, l) AS CASE WHEN length(s) >= abs(w) THEN s
       WHEN l OR w < 0 THEN rpad(s, CAST(abs(w) AS INTEGER), ' ')
       ELSE lpad(s, CAST(w AS INTEGER), ' ') END""",
    """CREATE MACRO bq_at_least(s, w) AS CASE WHEN length(s) >= w THEN s
       ELSE lpad(s, CAST(greatest(w, 0) AS INTEGER), '0') END""",
    """CREATE MACRO bq_magnitude(x) AS CAST(abs(CAST(x AS HUGEINT)) AS UBIGINT)""",
    """CREATE MACRO bq_thousands(s) AS format('{:,}', CAST(split_part(s, '.', 1) AS HUGEINT))
       || CASE WHEN contains(s, '.') THEN '.' || split_part(s, '.', 2) ELSE '' END""",
)
