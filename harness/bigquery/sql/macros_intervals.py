"""DuckDB macros for INTERVAL. Source: "Interval type" and "Interval functions" of the reference.

Both systems keep months, days and microseconds, each with a sign of its own, and count 30 days to a
month and 24 hours to a day where intervals are compared.
"""

from __future__ import annotations

from harness.bigquery.sql.macro_bound import bound

_DAY = "86400000000"
# [sign]Y-M [sign]D [sign]H:M:S[.F]
_CANONICAL = (
    r"([+-]?)([0-9]+)-([0-9]+) ([+-]?[0-9]+) ([+-]?)([0-9]+):([0-9]+):([0-9]+)(\.[0-9]{1,6})?"
)
_ISO = (
    r"P(-?[0-9]+Y)?(-?[0-9]+M)?(-?[0-9]+W)?(-?[0-9]+D)?"
    r"(T(-?[0-9]+H)?(-?[0-9]+M)?(-?[0-9]+(\.[0-9]{1,6})?S)?)?"
)


def _group(number: int, kind: str = "BIGINT") -> str:
    return f"CAST(regexp_extract(t, '{_CANONICAL}', {number}) AS {kind})"


def _minus(number: int) -> str:
    return f"(CASE WHEN regexp_extract(t, '{_CANONICAL}', {number}) = '-' THEN -1 ELSE 1 END)"


def _iso(pattern: str, kind: str = "BIGINT") -> str:
    return f"CAST(coalesce(nullif(regexp_extract(t, '{pattern}', 1), ''), '0') AS {kind})"


INTERVAL_MACROS = (
    """CREATE MACRO bq_interval(mo, d, us) AS to_months(CAST(mo AS INTEGER))
       + to_days(CAST(d AS INTEGER)) + to_microseconds(CAST(us AS BIGINT))""",
    "CREATE MACRO bq_iv_months(i) AS datepart('year', i) * 12 + datepart('month', i)",
    "CREATE MACRO bq_iv_days(i) AS datepart('day', i)",
    # DuckDB's microseconds have the seconds in them.
    """CREATE MACRO bq_iv_micros(i) AS datepart('hour', i) * 3600000000
       + datepart('minute', i) * 60000000 + datepart('microsecond', i)""",
    """CREATE MACRO bq_iv_fraction(us) AS CASE WHEN us % 1000000 = 0 THEN ''
       WHEN us % 1000 = 0 THEN '.' || lpad(CAST(us % 1000000 // 1000 AS VARCHAR), 3, '0')
       ELSE '.' || lpad(CAST(us % 1000000 AS VARCHAR), 6, '0') END""",
    """CREATE MACRO bq_iv_clock(us) AS CAST(us // 3600000000 AS VARCHAR) || ':'
       || CAST(us // 60000000 % 60 AS VARCHAR) || ':' || CAST(us // 1000000 % 60 AS VARCHAR)
       || bq_iv_fraction(us)""",
    bound(
        "bq_iv_text",
        "mo, d, us",
        """CASE WHEN mo < 0 THEN '-' ELSE '' END || CAST(abs(mo) // 12 AS VARCHAR) || '-'
           || CAST(abs(mo) % 12 AS VARCHAR) || ' ' || CAST(d AS VARCHAR) || ' '
           || CASE WHEN us < 0 THEN '-' ELSE '' END || bq_iv_clock(abs(us))""",
    ),
    bound("bq_iv_parts", "i", "bq_iv_text(bq_iv_months(i), bq_iv_days(i), bq_iv_micros(i))"),
    "CREATE MACRO bq_interval_text(i) AS bq_iv_parts(CAST(i AS INTERVAL))",
    bound(
        "bq_iv_canonical",
        "t",
        f"""bq_interval({_minus(1)} * ({_group(2)} * 12 + {_group(3)}), {_group(4)},
            {_minus(5)} * ({_group(6)} * 3600000000 + {_group(7)} * 60000000
              + {_group(8)} * 1000000
              + CAST('0' || regexp_extract(t, '{_CANONICAL}', 9) AS DECIMAL(18,6)) * 1000000))""",
    ),
    bound(
        "bq_iv_iso",
        "t",
        f"""bq_interval({_iso("P.*?(-?[0-9]+)Y")} * 12 + {_iso("^P[^T]*?(-?[0-9]+)M")},
            {_iso("P.*?(-?[0-9]+)W")} * 7 + {_iso("^P[^T]*?(-?[0-9]+)D")},
            {_iso("T.*?(-?[0-9]+)H")} * 3600000000 + {_iso("T[^M]*?(-?[0-9]+)M")} * 60000000
              + {_iso("T.*?(-?[0-9.]+)S", "DECIMAL(18,6)")} * 1000000)""",
    ),
    bound(
        "bq_to_interval",
        "t",
        f"""CASE WHEN t IS NULL THEN NULL
            WHEN regexp_full_match(t, '{_CANONICAL}') THEN bq_iv_canonical(t)
            WHEN regexp_full_match(t, '{_ISO}') AND regexp_matches(t, '[0-9][A-Z]$')
            THEN bq_iv_iso(t) ELSE error('bq:Invalid INTERVAL value ' || t) END""",
    ),
    bound(
        "bq_iv_hours",
        "d, us",
        f"bq_interval(0, (d * {_DAY} + us) // {_DAY}, (d * {_DAY} + us) % {_DAY})",
    ),
    bound(
        "bq_justify_hours",
        "i",
        """to_months(CAST(bq_iv_months(i) AS INTEGER))
           + bq_iv_hours(bq_iv_days(i), bq_iv_micros(i))""",
    ),
    bound(
        "bq_justify_days",
        "i",
        """bq_interval((bq_iv_months(i) * 30 + bq_iv_days(i)) // 30,
           (bq_iv_months(i) * 30 + bq_iv_days(i)) % 30, bq_iv_micros(i))""",
    ),
    bound(
        "bq_justify_all", "i", "bq_iv_hours(bq_iv_months(i) * 30 + bq_iv_days(i), bq_iv_micros(i))"
    ),
    "CREATE MACRO bq_justify_interval(i) AS bq_justify_days(bq_justify_all(i))",
    bound(
        "bq_iv_times",
        "i, n",
        "bq_interval(bq_iv_months(i) * n, bq_iv_days(i) * n, bq_iv_micros(i) * n)",
    ),
    bound(
        "bq_iv_over_parts",
        "mo, d, us, n",
        f"""bq_interval(mo // n, (d + mo % n * 30) // n,
            (us + (d + mo % n * 30) % n * {_DAY}) // n)""",
    ),
    """CREATE MACRO bq_iv_over(i, n) AS CASE WHEN n = 0
       THEN error('bq:Interval division by zero')
       ELSE bq_iv_over_parts(bq_iv_months(i), bq_iv_days(i), bq_iv_micros(i), nullif(n, 0)) END""",
    """CREATE MACRO bq_iv_unmonthly(i) AS CASE WHEN bq_iv_months(i) <> 0 THEN error(
       'bq:TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.')
       ELSE i END""",
)
