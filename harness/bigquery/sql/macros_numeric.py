"""DuckDB macros for NUMERIC, which DuckDB keeps as DECIMAL(38,9) with its own rules of arithmetic.

Source: "Decimal types" and "Numeric type" of the reference: 29 digits before the point and 9 after,
halves rounded away from zero, an error where the result is out of range. Products and quotients of
the usual size are DuckDB's own; larger ones go by whole nanounits.
"""

from __future__ import annotations

from harness.bigquery.sql.macro_bound import bound

_LARGE = "CAST('100000000000000000000000000000' AS HUGEINT)"
_TOO_LARGE = "error('bq:numeric overflow: ' || bq_to_string(a) || ' {} ' || bq_to_string(b))"
_PLACES = " ".join(
    f"WHEN n = {place} THEN CAST(round(x, {place}) AS DECIMAL(38,9))" for place in range(9)
)

NUMERIC_MACROS = (
    """CREATE MACRO bq_nano(x) AS CAST(trunc(x) AS HUGEINT) * 1000000000
       + CAST((x - trunc(x)) * 1000000000 AS HUGEINT)""",
    bound(
        "bq_from_nano",
        "q",
        """CAST(CAST(q // 1000000000 AS DECIMAL(38,9)) + CAST(q % 1000000000 AS DECIMAL(18,0))
           * CAST('0.000000001' AS DECIMAL(10,9)) AS DECIMAL(38,9))""",
    ),
    # Halves are rounded away from zero.
    bound(
        "bq_half_away",
        "a, b",
        """(a // b) + CASE WHEN abs(a % b) < abs(b) - abs(a % b) THEN 0
           WHEN (a < 0) <> (b < 0) THEN -1 ELSE 1 END""",
    ),
    # By parts before and after the point, none of which is too large where the product is not.
    """CREATE MACRO bq_numeric_product(a, b) AS bq_from_nano(
       CAST(trunc(a) AS HUGEINT) * CAST(trunc(b) AS HUGEINT) * 1000000000
       + CAST(trunc(a) AS HUGEINT) * CAST((b - trunc(b)) * 1000000000 AS HUGEINT)
       + CAST(trunc(b) AS HUGEINT) * CAST((a - trunc(a)) * 1000000000 AS HUGEINT)
       + bq_half_away(CAST((a - trunc(a)) * 1000000000 AS HUGEINT)
         * CAST((b - trunc(b)) * 1000000000 AS HUGEINT), CAST(1000000000 AS HUGEINT)))""",
    # The optimiser works out a product of constants whatever CASE says; that of NULL does not fail.
    """CREATE MACRO bq_small_factor(a, b) AS CASE
       WHEN abs(CAST(a AS DOUBLE) * CAST(b AS DOUBLE)) < 4e6 THEN a END""",
    # The result by FLOAT64s is taken where the exact difference proves it right: it is far faster.
    f"""CREATE MACRO bq_numeric_mul(a, b) AS CASE
       WHEN abs(CAST(a AS DOUBLE) * CAST(b AS DOUBLE)) < 4e6
         THEN CASE WHEN 2 * abs(bq_small_factor(a, b) * b
           - TRY_CAST(CAST(a AS DOUBLE) * CAST(b AS DOUBLE) AS DECIMAL(38,9)))
           < CAST('0.000000001' AS DECIMAL(10,9))
         THEN TRY_CAST(CAST(a AS DOUBLE) * CAST(b AS DOUBLE) AS DECIMAL(38,9))
         ELSE list_transform([struct_pack(a := a, b := b)],
           lambda p_ : bq_numeric_product(p_.a, p_.b))[1] END
       WHEN abs(CAST(a AS DOUBLE) * CAST(b AS DOUBLE)) > 1.0000001e29
       THEN {_TOO_LARGE.format("*")}
       ELSE list_transform([struct_pack(a := a, b := b)],
         lambda p_ : bq_numeric_product(p_.a, p_.b))[1] END""",
    """CREATE MACRO bq_numeric_guess(a, b) AS CASE
       WHEN abs(CAST(a AS DOUBLE)) < 9e18 AND abs(CAST(b AS DOUBLE)) < 9e18
       THEN TRY_CAST(CAST(a AS DOUBLE) / CAST(b AS DOUBLE) AS DECIMAL(38,9)) END""",
    f"CREATE MACRO bq_if_small(x, y) AS CASE WHEN abs(y) < {_LARGE} THEN x END",
    bound(
        "bq_nano_quotient",
        "a, b",
        f"""CASE WHEN abs(b) < {_LARGE}
            THEN bq_from_nano(a // b * 1000000000
              + bq_half_away(bq_if_small(a % b, b) * 1000000000, b))
            WHEN abs(a) < {_LARGE}
            THEN bq_from_nano(bq_half_away(bq_if_small(a, a) * 1000000000, b))
            ELSE error('stub:NUMERIC / NUMERIC where both have more than 20 digits') END""",
    ),
    # Likewise.
    f"""CREATE MACRO bq_numeric_div(a, b) AS CASE WHEN b = 0
       THEN error('bq:division by zero: ' || CAST(bq_to_string(a) AS VARCHAR) || ' / 0')
       WHEN abs(CAST(a AS DOUBLE) / CAST(b AS DOUBLE)) > 1.0000001e29
       THEN {_TOO_LARGE.format("/")}
       WHEN CASE WHEN bq_numeric_guess(a, b) IS NOT NULL
         THEN 2 * abs(TRY_CAST(a AS DECIMAL(38,18)) - bq_numeric_guess(a, b) * b)
           - CASE WHEN abs(bq_numeric_guess(a, b) * b) > abs(a)
             THEN CAST('0.000000000000000001' AS DECIMAL(18,18)) ELSE 0 END
           < abs(b) * CAST('0.000000001' AS DECIMAL(10,9)) ELSE false END
       THEN bq_numeric_guess(a, b)
       ELSE bq_nano_quotient(bq_nano(a), nullif(bq_nano(b), 0)) END""",
    """CREATE MACRO bq_ten(n) AS CAST('1' || repeat('0', CAST(n AS INTEGER)) AS HUGEINT)""",
    # DuckDB rounds as it must, but only to a place that is a constant.
    f"""CREATE MACRO bq_round_numeric(x, n) AS CASE WHEN n >= 9 THEN x {_PLACES}
       WHEN n < -29 THEN CAST(CASE WHEN x IS NOT NULL THEN 0 END AS DECIMAL(38,9))
       ELSE bq_from_nano(bq_half_away(bq_nano(x), bq_ten(9 - n)) * bq_ten(9 - n)) END""",
    """CREATE MACRO bq_numeric_held(x, n, most, told) AS CASE
       WHEN abs(round(x, n)) > most THEN error(told) ELSE CAST(round(x, n) AS DECIMAL(38,9)) END""",
)
