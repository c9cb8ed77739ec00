"""Aggregate and window functions; ``@`` is where OVER stands."""

# ruff: noqa: E501
# A signature and its template stand on one line.
from __future__ import annotations

_STATISTICS = "".join(
    f"{name}(FLOAT64) FLOAT64: {inner}({{0}})@\n"
    for name, inner in (
        ("STDDEV", "stddev_samp"),
        ("STDDEV_POP", "stddev_pop"),
        ("STDDEV_SAMP", "stddev_samp"),
        ("VARIANCE", "var_samp"),
        ("VAR_POP", "var_pop"),
        ("VAR_SAMP", "var_samp"),
    )
)
_PAIRS = "".join(
    f"{name}(FLOAT64, FLOAT64) FLOAT64: {name.lower()}({{0}}, {{1}})@\n"
    for name in ("COVAR_POP", "COVAR_SAMP")
)
AGGREGATES = f"""
ANY_VALUE(T) T: first({{0}})@
APPROX_COUNT_DISTINCT(ANY) INT64: count(DISTINCT {{0}})@
ARRAY_AGG(T) [T]: array_agg({{0}})@
ARRAY_CONCAT_AGG([T]) [T]: flatten(array_agg({{0}})@)
AVG(INT64) FLOAT64: avg({{0}})@
AVG(NUMERIC) NUMERIC: bq_numeric_div(CAST(sum({{0}})@ AS DECIMAL(38,9)), CAST(nullif(count({{0}})@, 0) AS DECIMAL(38,9)))
AVG(BIGNUMERIC) BIGNUMERIC: bq_big_div(bq_big_sum(sum(struct_extract({{0}}, 'whole~'))@, sum(bq_big_high({{0}}))@, sum(bq_big_low({{0}}))@), bq_to_bignumeric(nullif(count({{0}})@, 0)))
AVG(FLOAT64) FLOAT64: bq_sum_real(avg({{0}})@, max({{0}})@, min({{0}})@, 'AVG')
BIT_AND(INT64) INT64: bit_and(CAST({{0}} AS BIGINT))@
BIT_OR(INT64) INT64: bit_or(CAST({{0}} AS BIGINT))@
BIT_XOR(INT64) INT64: bit_xor(CAST({{0}} AS BIGINT))@
CORR(FLOAT64, FLOAT64) FLOAT64: CASE WHEN regr_count({{0}}, {{1}})@ > 1 THEN corr({{0}}, {{1}})@ END
COUNT(ANY) INT64: count({{0}})@
COUNTIF(BOOL) INT64: count(CASE WHEN {{0}} THEN 1 END)@
LOGICAL_AND(BOOL) BOOL: bool_and({{0}})@
LOGICAL_OR(BOOL) BOOL: bool_or({{0}})@
MAX(T) T: max({{0}})@
MIN(FLOAT64) FLOAT64: CASE WHEN isnan(max({{0}})@) THEN CAST('nan' AS DOUBLE) ELSE min({{0}})@ END
MIN(T) T: min({{0}})@
STRING_AGG(STRING) STRING: string_agg({{0}}, ',')@
STRING_AGG(STRING, STRING) STRING: string_agg({{0}}, {{1}})@
SUM(INT64) INT64: CAST(sum({{0}})@ AS BIGINT)
SUM(NUMERIC) NUMERIC: CAST(sum({{0}})@ AS DECIMAL(38,9))
SUM(BIGNUMERIC) BIGNUMERIC: bq_big_sum(sum(struct_extract({{0}}, 'whole~'))@, sum(bq_big_high({{0}}))@, sum(bq_big_low({{0}}))@)
SUM(FLOAT64) FLOAT64: bq_sum_real(sum({{0}})@, max({{0}})@, min({{0}})@, 'SUM')
SUM(INTERVAL) INTERVAL: bq_interval(sum(bq_iv_months({{0}}))@, sum(bq_iv_days({{0}}))@, sum(bq_iv_micros({{0}}))@)
{_STATISTICS}{_PAIRS}"""

# NaN is less than any other number, while DuckDB takes it for the greatest: so percentiles of
# FLOAT64 are taken of the negative ones, from the end, which a fraction below 0 is to DuckDB.
WINDOWS = """
CUME_DIST() FLOAT64: cume_dist()@
DENSE_RANK() INT64: dense_rank()@
FIRST_VALUE(T) T: first_value({0})@
LAG(T) T: lag({0})@
LAG(T, INT64) T: lag({0}, {1})@
LAG(T, INT64, T) T: lag({0}, {1}, {2})@
LAST_VALUE(T) T: last_value({0})@
LEAD(T) T: lead({0})@
LEAD(T, INT64) T: lead({0}, {1})@
LEAD(T, INT64, T) T: lead({0}, {1}, {2})@
NTH_VALUE(T, INT64) T: nth_value({0}, {1})@
NTILE(INT64) INT64: ntile({0})@
PERCENTILE_CONT(FLOAT64, FLOAT64) FLOAT64: CASE WHEN {1} = 0 THEN -quantile_disc(-{0}, -1e-300)@ ELSE -quantile_cont(-{0}, -greatest({1}, 1e-300))@ END
PERCENTILE_DISC(FLOAT64, FLOAT64) FLOAT64: -quantile_disc(-{0}, -greatest({1}, 1e-300))@
PERCENTILE_DISC(T, FLOAT64) T: quantile_disc({0}, {1})@
PERCENT_RANK() FLOAT64: percent_rank()@
RANK() INT64: rank()@
ROW_NUMBER() INT64: row_number()@
"""
# Without ORDER BY in OVER BigQuery refuses them.
ORDERED = (
    "CUME_DIST",
    "DENSE_RANK",
    "FIRST_VALUE",
    "LAG",
    "LAST_VALUE",
    "LEAD",
    "NTH_VALUE",
    "NTILE",
    "PERCENT_RANK",
    "RANK",
)
