r"""DuckDB macros for texts, as BigQuery's "String functions" describe them."""

from __future__ import annotations

TEXT_MACROS = (
    """CREATE MACRO bq_chr(c) AS CASE WHEN c < 0 OR c > 1114111
       THEN error('bq:Invalid codepoint ' || CAST(c AS VARCHAR))
       WHEN c BETWEEN 55296 AND 57343
       THEN error('bq:Invalid codepoint ' || CAST(c AS VARCHAR))
       WHEN c = 0 THEN '' ELSE chr(CAST(c AS INTEGER)) END""",
    """CREATE MACRO bq_byte(c) AS CASE WHEN c < 0 OR c > 255
       THEN error('bq:Invalid extended ASCII code point ' || CAST(c AS VARCHAR))
       ELSE chr(CAST(c AS INTEGER)) END""",
    """CREATE MACRO bq_from_hex(s) AS CASE WHEN NOT regexp_full_match(s, '[0-9A-Fa-f]*')
       THEN error('bq:Failed to decode invalid hexadecimal string') ELSE unhex(s) END""",
    """CREATE MACRO bq_from_base64(s) AS CASE WHEN s IS NOT NULL
         AND (NOT regexp_full_match(s, '[A-Za-z0-9+/]*={0,2}') OR length(rtrim(s, '=')) % 4 = 1)
       THEN error('bq:Failed to decode invalid base64 string')
       ELSE from_base64(rpad(s, CAST(length(s) + (4 - length(s) % 4) % 4 AS INTEGER), '=')) END""",
    # The characters that begin a new word: "INITCAP" of the reference.
    r"""CREATE MACRO bq_initcap_marks() AS ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)
       || '[](){}/|\<>!?@"^#$&~_,.:;*%+-'""",
    """CREATE MACRO bq_translate(s, a, b) AS CASE
       WHEN len(list_distinct(string_split(a, ''))) < length(a)
       THEN error('bq:Duplicate character "' || list_filter(string_split(a, ''), lambda c_, i_ :
         strpos(a, c_) < i_)[1] || '" in TRANSLATE source characters')
       ELSE translate(s, a, b) END""",
    """CREATE MACRO bq_initcap(s, marks) AS array_to_string(list_transform(
       string_split(s, ''), lambda c_, i_ : CASE WHEN i_ = 1
         OR contains(marks, substr(s, i_ - 1, 1))
       THEN upper(c_) ELSE lower(c_) END), '')""",
    # Matches may overlap; a negative position counts from the end, and backwards from there.
    """CREATE MACRO bq_instr(s, t, p, n) AS CASE
       WHEN p = 0 THEN error('bq:Position must be non-zero')
       WHEN n <= 0 THEN error('bq:Occurrence must be positive')
       WHEN s IS NULL OR t IS NULL OR p IS NULL OR n IS NULL THEN NULL
       WHEN t = '' AND p > 0 THEN CASE WHEN p + n <= length(s) + 2 THEN p + n - 1 ELSE 0 END
       WHEN t = '' THEN greatest(length(s) + p + 3 - n, 0)
       WHEN s = '' THEN 0
       WHEN p > 0 THEN coalesce(list_filter(range(p, length(s) - length(t) + 2),
         lambda i_ : substr(s, i_, length(t)) = t)[n], 0)
       ELSE coalesce(list_filter(range(least(length(s) + p + 1, length(s) - length(t) + 1), 0, -1),
         lambda i_ : substr(s, i_, length(t)) = t)[n], 0) END""",
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
       THEN error('bq:Second argument (repeat count) for REPEAT cannot be negative')
       ELSE repeat(s, n) END""",
    # An empty separator gives the characters; of an empty text comes one empty text.
    """CREATE MACRO bq_split(s, d) AS CASE WHEN s = '' THEN [''] ELSE string_split(s, d) END""",
    """CREATE MACRO bq_substr(s, p, n) AS CASE WHEN n < 0
       THEN error('bq:Third argument in SUBSTR() cannot be negative')
       ELSE substr(s, bq_start(s, p), n) END""",
    # Of an empty text split into characters DuckDB makes one empty text.
    """CREATE MACRO bq_code_points(s) AS CASE WHEN s = '' THEN CAST([] AS BIGINT[])
       ELSE list_transform(string_split(s, ''), lambda c_ : CAST(unicode(c_) AS BIGINT)) END""",
    """CREATE MACRO bq_bit_count(a) AS CASE WHEN a IS NOT NULL THEN
       CAST(coalesce(list_sum(list_transform(a, lambda c_ : bit_count(c_))), 0) AS BIGINT) END""",
    "CREATE MACRO bq_capitals() AS 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'",
    "CREATE MACRO bq_small() AS 'abcdefghijklmnopqrstuvwxyz'",
    """CREATE MACRO bq_array_to_string(a, d) AS
       array_to_string(list_filter(a, lambda e_ : e_ IS NOT NULL), d)""",
)
