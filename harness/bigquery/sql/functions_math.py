"""Functions of numbers, conditions and arrays."""

# ruff: noqa: E501
# A signature and its template stand on one line.
from __future__ import annotations

_ONE = """
{name}(INT64) INT64: {int}
{name}(NUMERIC) NUMERIC: {numeric}
{name}(FLOAT64) FLOAT64: {float}
"""
# Of an INT64 these make a FLOAT64.
_ROUNDED = """
{name}(INT64) FLOAT64: CAST({{0}} AS DOUBLE)
{name}(NUMERIC) NUMERIC: CAST({inner} AS DECIMAL(38,9))
{name}(FLOAT64) FLOAT64: {inner}
"""
_FLOATS = "".join(
    f"{name}(FLOAT64) FLOAT64: bq_real({inner}, {{0}}, '{name}')\n"
    for name, inner in (
        ("ACOS", "acos({0})"),
        ("ACOSH", "acosh({0})"),
        ("ASIN", "asin({0})"),
        ("ASINH", "asinh({0})"),
        ("ATAN", "atan({0})"),
        ("ATANH", "atanh({0})"),
        ("CBRT", "cbrt({0})"),
        ("COS", "cos({0})"),
        ("COSH", "cosh({0})"),
        ("COT", "cot({0})"),
        ("COTH", "1 / tanh({0})"),
        ("CSC", "1 / sin({0})"),
        ("CSCH", "1 / sinh({0})"),
        ("SEC", "1 / cos({0})"),
        ("SECH", "1 / cosh({0})"),
        ("EXP", "exp({0})"),
        ("LN", "ln({0})"),
        ("LOG", "ln({0})"),
        ("LOG10", "log10({0})"),
        ("SIN", "sin({0})"),
        ("SINH", "sinh({0})"),
        ("SQRT", "sqrt({0})"),
        ("TAN", "tan({0})"),
        ("TANH", "tanh({0})"),
    )
)
_SAFE = "".join(
    f"SAFE_{name}({kind}, {kind}) {kind}: TRY({kind_cast} {sign} {right})\n"
    for name, sign in (("ADD", "+"), ("SUBTRACT", "-"), ("MULTIPLY", "*"))
    for kind, kind_cast, right in (
        ("INT64", "CAST({0} AS BIGINT)", "CAST({1} AS BIGINT)"),
        ("FLOAT64", "CAST({0} AS DOUBLE)", "CAST({1} AS DOUBLE)"),
    )
)

MATH = f"""
{_ONE.format(name="ABS", int="abs(CAST({0} AS BIGINT))", numeric="abs({0})", float="abs({0})")}
{_ONE.format(name="SIGN", int="sign({0})", numeric="CAST(sign({0}) AS DECIMAL(38,9))", float="bq_sign({0})")}
{_ONE.format(name="SAFE_NEGATE", int="TRY(CAST(0 AS BIGINT) - CAST({0} AS BIGINT))", numeric="-{0}", float="-{0}")}
{"".join(_ROUNDED.format(name=name, inner=f"{inner}({{0}})") for name, inner in (("ROUND", "round"), ("TRUNC", "trunc"), ("CEIL", "ceil"), ("CEILING", "ceil"), ("FLOOR", "floor")))}
{_FLOATS}{_SAFE}
ROUND(INT64, INT64) FLOAT64: round(CAST({{0}} AS DOUBLE), CAST({{1}} AS INTEGER))
ROUND(NUMERIC, INT64) NUMERIC: CAST(bq_round_numeric({{0}}, {{1}}) AS DECIMAL(38,9))
ROUND(FLOAT64, INT64) FLOAT64: round({{0}}, CAST({{1}} AS INTEGER))
TRUNC(INT64, INT64) FLOAT64: bq_trunc(CAST({{0}} AS DOUBLE), {{1}})
TRUNC(FLOAT64, INT64) FLOAT64: bq_trunc({{0}}, {{1}})
ATAN2(FLOAT64, FLOAT64) FLOAT64: atan2({{0}}, {{1}})
DIV(INT64, INT64) INT64: bq_int_div({{0}}, {{1}})
IEEE_DIVIDE(FLOAT64, FLOAT64) FLOAT64: bq_ieee_divide(CAST({{0}} AS DOUBLE), CAST({{1}} AS DOUBLE))
PARSE_BIGNUMERIC(STRING) BIGNUMERIC: bq_to_bignumeric(bq_number_text({{0}}, 'PARSE_BIGNUMERIC'))
PARSE_NUMERIC(STRING) NUMERIC: bq_to_numeric(bq_number_text({{0}}, 'PARSE_NUMERIC'))
IS_INF(FLOAT64) BOOL: isinf({{0}})
IS_NAN(FLOAT64) BOOL: isnan({{0}})
LOG(FLOAT64, FLOAT64) FLOAT64: bq_log({{0}}, {{1}})
MOD(INT64, INT64) INT64: bq_mod({{0}}, {{1}})
MOD(NUMERIC, NUMERIC) NUMERIC: bq_mod({{0}}, {{1}})
POW(FLOAT64, FLOAT64) FLOAT64: bq_pow({{0}}, {{1}})
POWER(FLOAT64, FLOAT64) FLOAT64: bq_pow({{0}}, {{1}})
RAND() FLOAT64: random()
RANGE_BUCKET(T, [T]) INT64: bq_range_bucket({{0}}, {{1}})
SAFE_DIVIDE(INT64, INT64) FLOAT64: bq_safe_div(CAST({{0}} AS DOUBLE), CAST({{1}} AS DOUBLE))
SAFE_DIVIDE(NUMERIC, NUMERIC) NUMERIC: TRY(bqs_numeric_div({{0}}, {{1}}))
SAFE_DIVIDE(FLOAT64, FLOAT64) FLOAT64: bq_safe_div(CAST({{0}} AS DOUBLE), CAST({{1}} AS DOUBLE))
BIT_COUNT(INT64) INT64: bit_count(CAST({{0}} AS BIGINT))
COALESCE(T, T*) T: coalesce({{*}})
IFNULL(T, T) T: coalesce({{0}}, {{1}})
NULLIF(T, T) T: nullif({{0}}, {{1}})
ARRAY_CONCAT([T], [T]*) [T]: bq_array_concat([{{*}}])
ARRAY_FIRST([T]) T: bq_at({{0}}, 1)
ARRAY_LAST([T]) T: bq_at({{0}}, greatest(len({{0}}), 1))
ARRAY_LENGTH([T]) INT64: len({{0}})
ARRAY_REVERSE([T]) [T]: list_reverse({{0}})
ARRAY_SLICE([T], INT64, INT64) [T]: bq_array_slice({{0}}, {{1}}, {{2}})
ARRAY_TO_STRING([STRING], STRING) STRING: bq_array_to_string({{0}}, {{1}})
ARRAY_TO_STRING([STRING], STRING, STRING) STRING: array_to_string(list_transform({{0}}, lambda e_ : coalesce(e_, {{2}})), {{1}})
COSINE_DISTANCE([FLOAT64], [FLOAT64]) FLOAT64: bq_distance(list_cosine_distance({{0}}, {{1}}), {{0}}, {{1}}, 'COSINE_DISTANCE')
EUCLIDEAN_DISTANCE([FLOAT64], [FLOAT64]) FLOAT64: bq_distance(list_distance({{0}}, {{1}}), {{0}}, {{1}}, 'EUCLIDEAN_DISTANCE')
ARRAY_TO_STRING([BYTES], BYTES) BYTES: vec_from_latin(array_to_string(list_transform(list_filter({{0}}, lambda e_ : e_ IS NOT NULL), lambda e_ : vec_to_latin(e_)), vec_to_latin({{1}})))
GENERATE_ARRAY(INT64, INT64) [INT64]: generate_series(CAST({{0}} AS BIGINT), CAST({{1}} AS BIGINT))
GENERATE_ARRAY(INT64, INT64, INT64) [INT64]: bq_generate_array({{0}}, {{1}}, {{2}})
GENERATE_ARRAY(FLOAT64, FLOAT64) [FLOAT64]: bq_float_array({{0}}, {{1}}, 1.0)
GENERATE_ARRAY(FLOAT64, FLOAT64, FLOAT64) [FLOAT64]: bq_float_array({{0}}, {{1}}, {{2}})
"""
