"""DuckDB macros for numbers and arrays, as BigQuery's reference describes its functions."""

from __future__ import annotations

NUMBER_MACROS = (
    """CREATE MACRO bq_trunc(x, n) AS trunc(x * pow(10, n)) / pow(10, n)""",
    """CREATE MACRO bq_real(y, x, what) AS CASE
       WHEN isfinite(x) AND NOT isfinite(y) THEN CASE
         WHEN what = 'SQRT' THEN error('bq:Argument to SQRT cannot be negative')
         WHEN what IN ('COSH', 'SINH')
         THEN error('bq:Floating point overflow in function: ' || what)
         ELSE error('bq:Floating point error in function: ' || what || '('
           || regexp_replace(CAST(x AS VARCHAR), '[.]0$', '') || ')') END
       ELSE y END""",
    """CREATE MACRO bq_finite(x, what) AS CASE WHEN isinf(x)
       THEN error('bq:Floating point error in function: ' || what) ELSE x END""",
    # What a sum of finite numbers is not.
    """CREATE MACRO bq_sum_real(total, most, least, what) AS CASE
       WHEN isfinite(total) OR NOT isfinite(most) OR NOT isfinite(least) OR total IS NULL
       THEN total
       ELSE error('bq:Floating point overflow in function: ' || what) END""",
    """CREATE MACRO bq_sign(x) AS CASE WHEN isnan(x) THEN x ELSE CAST(sign(x) AS DOUBLE) END""",
    """CREATE MACRO bq_pow(x, y) AS CASE
       WHEN (isinf(pow(x, y)) AND isfinite(x) AND isfinite(y))
         OR (isnan(pow(x, y)) AND NOT isnan(x) AND NOT isnan(y))
       THEN error('bq:Floating point error in function: POW') ELSE pow(x, y) END""",
    """CREATE MACRO bq_log(x, y) AS CASE
       WHEN isnan(x) OR isnan(y) OR (isinf(x) AND x < 0) OR (isinf(y) AND y > 0)
       THEN CASE WHEN x IS NOT NULL AND y IS NOT NULL THEN CAST('nan' AS DOUBLE) END
       WHEN x <= 0 OR y <= 0 OR y = 1
       THEN error('bq:Floating point error in function: LOG') ELSE ln(x) / ln(y) END""",
    """CREATE MACRO bq_int_div(a, b) AS CASE WHEN b = 0
       THEN error('bq:division by zero: ' || CAST(a AS VARCHAR) || ' / 0')
       ELSE CAST(a AS BIGINT) // nullif(CAST(b AS BIGINT), 0) END""",
    """CREATE MACRO bq_mod(a, b) AS CASE WHEN b = 0
       THEN error('bq:division by zero: MOD(' || CAST(a AS VARCHAR) || ', 0)')
       ELSE a % b END""",
    """CREATE MACRO bq_ieee_divide(a, b) AS CASE WHEN b <> 0 OR isnan(b) THEN a / b
       WHEN a = 0 OR isnan(a) THEN CAST('nan' AS DOUBLE)
       WHEN b = 0 THEN CASE WHEN (a > 0) = (CAST(b AS VARCHAR) NOT LIKE '-%')
         THEN CAST('inf' AS DOUBLE) ELSE CAST('-inf' AS DOUBLE) END END""",
    """CREATE MACRO bq_range_bucket(x, a) AS CASE WHEN x IS NULL OR a IS NULL THEN NULL
       WHEN list_contains(list_transform(a, lambda e_ : e_ IS NULL), true)
       THEN error('bq:Elements in input array to RANGE_BUCKET cannot be NULL')
       WHEN a <> list_sort(a)
       THEN error('bq:Elements in input array to RANGE_BUCKET must be in ascending order')
       ELSE len(list_filter(a, lambda e_ : e_ <= x)) END""",
    """CREATE MACRO bq_generate_array(a, b, s) AS CASE WHEN s = 0
       THEN error('bq:Sequence step cannot be 0.')
       ELSE generate_series(CAST(a AS BIGINT), CAST(b AS BIGINT), CAST(s AS BIGINT)) END""",
    """CREATE MACRO bq_array_concat(parts) AS CASE WHEN list_contains(list_transform(parts,
       lambda p_ : p_ IS NULL), true) THEN NULL ELSE flatten(parts) END""",
    """CREATE MACRO bq_shift_left(a, n) AS CASE WHEN n < 0
       THEN error('bq:Bitwise binary shift by negative offset.')
       WHEN n > 63 THEN 0 ELSE CAST(a AS BIGINT) << CAST(n AS BIGINT) END""",
    """CREATE MACRO bq_shift_right(a, n) AS CASE WHEN n < 0
       THEN error('bq:Bitwise binary shift by negative offset.')
       WHEN a < 0 THEN error('stub:>> of a negative INT64')
       WHEN n > 63 THEN 0 ELSE CAST(a AS BIGINT) >> CAST(n AS BIGINT) END""",
)
