"""DuckDB macros for BIGNUMERIC, which DuckDB has no type for.

A value is ``whole + part / 10^38``: two HUGEINTs in a STRUCT, ``part`` from 0 to below 10^38, so
that STRUCTs compare, group and sort as the numbers do. Whole parts of 39 digits are beyond HUGEINT
and refused by name, as is a product or quotient that HUGEINT cannot hold on its way.
"""

from __future__ import annotations

from harness.bigquery.sql.macro_bound import bound

_TOP = "CAST('1" + "0" * 38 + "' AS HUGEINT)"
_HALF = "CAST('1" + "0" * 19 + "' AS HUGEINT)"
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_BEYOND = "error('stub:BIGNUMERIC {}')"

BIGNUMERIC_MACROS = (
    """CREATE MACRO bq_big(w, p) AS CASE WHEN w IS NOT NULL AND p IS NOT NULL
       THEN struct_pack("whole~" := CAST(w AS HUGEINT), "part~" := CAST(p AS HUGEINT)) END""",
    """CREATE MACRO bq_big_whole(a) AS struct_extract(a, 'whole~')""",
    """CREATE MACRO bq_big_part(a) AS struct_extract(a, 'part~')""",
    bound(
        "bq_big_signed",
        "minus, w, p",
        f"""CASE WHEN NOT minus THEN bq_big(w, p) WHEN p = 0 THEN bq_big(-w, p)
            ELSE bq_big(-w - 1, {_TOP} - p) END""",
    ),
    # Digits, of which so many stand before the point.
    bound(
        "bq_big_shifted",
        "digits, point",
        """CASE WHEN point <= 0 THEN '0.' || repeat('0', CAST(-point AS INTEGER)) || digits
           WHEN point >= length(digits)
           THEN digits || repeat('0', CAST(point - length(digits) AS INTEGER)) || '.'
           ELSE left(digits, point) || '.' || substr(digits, point + 1) END""",
    ),
    """CREATE MACRO bq_big_exponent(t) AS
       CAST(coalesce(nullif(regexp_extract(t, '[eE](.*)', 1), ''), '0') AS BIGINT)""",
    bound(
        "bq_big_plain",
        "t",
        """bq_big_shifted(regexp_extract(t, '^([0-9]*)', 1) || regexp_extract(t, '[.]([0-9]*)', 1),
           length(regexp_extract(t, '^([0-9]*)', 1)) + bq_big_exponent(t))""",
    ),
    bound(
        "bq_big_made",
        "minus, w, f",
        f"""CASE WHEN length(f) > 38 THEN {_BEYOND.format("of more than 38 digits after the point")}
            WHEN length(w) > 39 THEN error('bq:Invalid BIGNUMERIC value: ' || w)
            WHEN TRY_CAST(w AS HUGEINT) IS NULL
            THEN {_BEYOND.format("of more than 38 digits before the point")}
            ELSE bq_big_signed(minus, TRY_CAST(w AS HUGEINT), CAST(rpad(f, 38, '0') AS HUGEINT))
            END""",
    ),
    bound(
        "bq_big_parsed",
        "minus, t",
        """bq_big_made(minus,
           coalesce(nullif(ltrim(split_part(t, '.', 1), '0'), ''), '0'),
           rtrim(split_part(t, '.', 2), '0'))""",
    ),
    """CREATE MACRO bq_big_of_text(t) AS
       bq_big_parsed(starts_with(t, '-'), bq_big_plain(ltrim(t, '+-')))""",
    bound(
        "bq_to_bignumeric",
        "x",
        f"""CASE WHEN x IS NULL THEN NULL
            WHEN typeof(x) = 'DOUBLE' AND lower(CAST(x AS VARCHAR)) IN ('nan', 'inf', '-inf')
            THEN error('bq:Illegal conversion of non-finite floating point number to BIGNUMERIC: '
              || CAST(x AS VARCHAR))
            WHEN typeof(x) = 'DOUBLE'
              AND NOT regexp_full_match(CAST(x AS VARCHAR), '-?[0-9]{{1,15}}[.]0')
            THEN {_BEYOND.format("of a FLOAT64 that is not whole")}
            WHEN NOT regexp_full_match(trim(CAST(x AS VARCHAR)), '{_NUMBER}')
            THEN error('bq:Invalid BIGNUMERIC value: ' || CAST(x AS VARCHAR))
            ELSE bq_big_of_text(trim(CAST(x AS VARCHAR))) END""",
    ),
    bound(
        "bq_big_neg",
        "a",
        f"""CASE WHEN bq_big_part(a) = 0 THEN bq_big(-bq_big_whole(a), bq_big_part(a))
            ELSE bq_big(-bq_big_whole(a) - 1, {_TOP} - bq_big_part(a)) END""",
    ),
    bound("bq_big_abs", "a", "CASE WHEN bq_big_whole(a) < 0 THEN bq_big_neg(a) ELSE a END"),
    bound(
        "bq_big_digits",
        "a",
        """CAST(bq_big_whole(a) AS VARCHAR) || CASE WHEN bq_big_part(a) = 0 THEN '' ELSE '.'
           || rtrim(lpad(CAST(bq_big_part(a) AS VARCHAR), 38, '0'), '0') END""",
    ),
    bound(
        "bq_big_text",
        "a",
        """CASE WHEN bq_big_whole(a) < 0 THEN '-' || bq_big_digits(bq_big_neg(a))
           ELSE bq_big_digits(a) END""",
    ),
    "CREATE MACRO bq_big_to_double(a) AS CAST(bq_big_text(a) AS DOUBLE)",
    "CREATE MACRO bq_big_to_numeric(a) AS CAST(bq_big_text(a) AS DECIMAL(38,9))",
    "CREATE MACRO bq_big_to_int(a) AS CAST(CAST(bq_big_text(a) AS DECIMAL(38,0)) AS BIGINT)",
    bound(
        "bq_big_add",
        "a, b",
        f"""CASE WHEN bq_big_part(a) >= {_TOP} - bq_big_part(b)
            THEN bq_big(bq_big_whole(a) + bq_big_whole(b) + 1,
              bq_big_part(a) - ({_TOP} - bq_big_part(b)))
            ELSE bq_big(bq_big_whole(a) + bq_big_whole(b), bq_big_part(a) + bq_big_part(b)) END""",
    ),
    # Without the point, and how many digits stand after it.
    "CREATE MACRO bq_big_scale(t) AS CAST(length(split_part(t, '.', 2)) AS INTEGER)",
    """CREATE MACRO bq_big_unscaled(t, s) AS CAST(replace(t, '.', '')
       || repeat('0', s - bq_big_scale(t)) AS HUGEINT)""",
    bound(
        "bq_big_times",
        "minus, t, u",
        f"""CASE WHEN length(replace(t, '.', '')) + length(replace(u, '.', '')) > 38
              OR bq_big_scale(t) + bq_big_scale(u) > 38
            THEN {_BEYOND.format("* BIGNUMERIC of more than 38 digits")}
            ELSE bq_big_parsed(minus, bq_big_shifted(
              lpad(CAST(bq_big_unscaled(t, bq_big_scale(t)) * bq_big_unscaled(u, bq_big_scale(u))
                AS VARCHAR), 39, '0'), 39 - bq_big_scale(t) - bq_big_scale(u))) END""",
    ),
    bound(
        "bq_big_mul",
        "a, b",
        """bq_big_times((bq_big_whole(a) < 0) <> (bq_big_whole(b) < 0),
           bq_big_text(bq_big_abs(a)), bq_big_text(bq_big_abs(b)))""",
    ),
    # By hand: the whole part, then twice 19 digits, then half of what is left.
    bound(
        "bq_big_rounded",
        "minus, q, p, r, d",
        f"""CASE WHEN r < d - r THEN bq_big_signed(minus, q, p)
            WHEN p = {_TOP} - 1 THEN bq_big_signed(minus, q + 1, 0)
            ELSE bq_big_signed(minus, q, p + 1) END""",
    ),
    bound(
        "bq_big_digits_after",
        "minus, q, h, r, d",
        f"bq_big_rounded(minus, q, h * {_HALF} + r * {_HALF} // d, r * {_HALF} % d, d)",
    ),
    bound(
        "bq_big_over",
        "minus, n, d",
        f"""bq_big_digits_after(minus, n // d, n % d * {_HALF} // d, n % d * {_HALF} % d, d)""",
    ),
    bound(
        "bq_big_divided",
        "minus, t, u, s",
        f"""CASE WHEN length(split_part(t, '.', 1)) + s > 38
              OR length(split_part(u, '.', 1)) + s > 19
            THEN {_BEYOND.format("/ BIGNUMERIC of so many digits")}
            ELSE bq_big_over(minus, bq_big_unscaled(t, s), bq_big_unscaled(u, s)) END""",
    ),
    bound(
        "bq_big_quotient",
        "minus, t, u",
        "bq_big_divided(minus, t, u, greatest(bq_big_scale(t), bq_big_scale(u)))",
    ),
    bound(
        "bq_big_div",
        "a, b",
        """CASE WHEN bq_big_whole(b) = 0 AND bq_big_part(b) = 0
           THEN error('bq:division by zero: ' || bq_big_text(a) || ' / 0')
           ELSE bq_big_quotient((bq_big_whole(a) < 0) <> (bq_big_whole(b) < 0),
             bq_big_text(bq_big_abs(a)), bq_big_text(bq_big_abs(b))) END""",
    ),
    # Of the sums of the whole parts and of the upper and lower halves of the others.
    bound(
        "bq_big_sum",
        "w, h, l",
        f"""bq_big(w + (h + l // {_HALF}) // {_HALF},
            (h + l // {_HALF}) % {_HALF} * {_HALF} + l % {_HALF})""",
    ),
    f"CREATE MACRO bq_big_high(a) AS bq_big_part(a) // {_HALF}",
    f"CREATE MACRO bq_big_low(a) AS bq_big_part(a) % {_HALF}",
    # To a place after the point, halves away from zero.
    bound(
        "bq_big_to_place",
        "minus, w, p, u",
        f"""CASE WHEN p % u < u - p % u THEN bq_big_signed(minus, w, p - p % u)
            WHEN {_TOP} - p <= u - p % u THEN bq_big_signed(minus, w + 1, 0)
            ELSE bq_big_signed(minus, w, p - p % u + u) END""",
    ),
    bound(
        "bq_big_round_abs",
        "minus, m, n",
        "bq_big_to_place(minus, bq_big_whole(m), bq_big_part(m), bq_ten(38 - n))",
    ),
    bound(
        "bq_big_round",
        "a, n",
        """CASE WHEN n >= 38 THEN a WHEN n < 0 THEN error('stub:rounding of BIGNUMERIC to tens')
           ELSE bq_big_round_abs(bq_big_whole(a) < 0, bq_big_abs(a), n) END""",
    ),
    bound(
        "bq_big_held",
        "a, n, most, told",
        """CASE WHEN bq_big_abs(bq_big_round(a, n)) > most THEN error(told)
           ELSE bq_big_round(a, n) END""",
    ),
)
