r"""DuckDB macros for texts, as BigQuery's "String functions" describe them."""

from __future__ import annotations

TEXT_MACROS = (
    """CREATE MACRO bq_chr(c) AS CASE WHEN c < 0 OR c > 1114111
       THEN error('bq:Invalid codepoint ' || CAST(c AS VARCHAR))
       WHEN c = 0 THEN '' ELSE chr(CAST(c AS INTEGER)) END""",
    # DuckDB's concat() skips NULL.
    """CREATE MACRO bq_concat(parts) AS CASE WHEN list_contains(list_transform(parts,
       lambda p_ : p_ IS NULL), true) THEN NULL ELSE array_to_string(parts, '') END""",
    """CREATE MACRO bq_initcap(s, marks) AS array_to_string(list_transform(
       string_split(s, ''), lambda c_, i_ : CASE WHEN i_ = 1
         OR contains(marks, substr(s, i_ - 1, 1))
       THEN upper(c_) ELSE lower(c_) END), '')""",
    """CREATE MACRO bq_instr(s, t, p) AS CASE
       WHEN p = 0 THEN error('bq:INSTR position must not be 0')
       WHEN p < 0 THEN error('stub:INSTR with a negative position')
       WHEN strpos(substr(s, p), t) = 0 THEN 0
       ELSE strpos(substr(s, p), t) + p - 1 END""",
    """CREATE MACRO bq_left(s, n) AS CASE WHEN n < 0
       THEN error('bq:Second argument in LEFT() cannot be negative')
       ELSE substr(s, 1, n) END""",
    """CREATE MACRO bq_right(s, n) AS CASE WHEN n < 0
       THEN error('bq:Second argument in RIGHT() cannot be negative')
       WHEN n = 0 THEN CASE WHEN s IS NOT NULL THEN '' END
       WHEN n >= length(s) THEN s ELSE substr(s, length(s) - n + 1) END""",
    """CREATE MACRO bq_pad_check(n, p) AS CASE WHEN n < 0
       THEN error('bq:Second argument (output size) for LPAD/RPAD cannot be negative')
       WHEN p = '' THEN error('bq:Third argument (pad pattern) for LPAD/RPAD cannot be empty')
       ELSE CAST(n AS INTEGER) END""",
    "CREATE MACRO bq_lpad(s, n, p) AS lpad(s, bq_pad_check(n, p), p)",
    "CREATE MACRO bq_rpad(s, n, p) AS rpad(s, bq_pad_check(n, p), p)",
    r"CREATE MACRO bq_ltrim(s) AS regexp_replace(s, '^[\s\p{Z}]+', '')",
    r"CREATE MACRO bq_rtrim(s) AS regexp_replace(s, '[\s\p{Z}]+$', '')",
    """CREATE MACRO bq_repeat(s, n) AS CASE WHEN n < 0
       THEN error('bq:Second argument in REPEAT() cannot be negative') ELSE repeat(s, n) END""",
    "CREATE MACRO bq_replace(s, a, b) AS CASE WHEN a = '' THEN s ELSE replace(s, a, b) END",
    # An empty separator gives the characters; of an empty text comes one empty text.
    """CREATE MACRO bq_split(s, d) AS CASE WHEN s = '' THEN [''] ELSE string_split(s, d) END""",
    """CREATE MACRO bq_substr(s, p, n) AS CASE WHEN n < 0
       THEN error('bq:Third argument in SUBSTR() cannot be negative')
       ELSE substr(s, bq_start(s, p), n) END""",
    """CREATE MACRO bq_array_to_string(a, d) AS
       array_to_string(list_filter(a, lambda e_ : e_ IS NOT NULL), d)""",
)
