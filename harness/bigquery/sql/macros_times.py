"""DuckDB macros that make and read dates and times as BigQuery does."""

from __future__ import annotations

_TIME = r"[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]{1,6})?"
_CIVIL = rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}([ Tt]{_TIME})?"
_INSTANT = rf"{_CIVIL} ?([Zz]|UTC|[+-][0-9]{{1,2}}(:[0-9]{{2}})?)?"

TIME_MACROS = (
    # "Date type": 0001-01-01 to 9999-12-31.
    """CREATE MACRO bq_in_range(x, what) AS CASE
       WHEN x >= DATE '0001-01-01' AND x < DATE '10000-01-01' OR x IS NULL THEN x
       ELSE error('bq:' || what || ' causes overflow') END""",
    # 0001-01-01 to 9999-12-31 in microseconds since 1970.
    """CREATE MACRO bq_of_epoch(n, unit, what) AS CASE
       WHEN n < -62135596800000000 // unit OR n > 253402300799999999 // unit
       THEN error('bq:Input to ' || what || ' is out of range: ' || CAST(n AS VARCHAR))
       ELSE CAST(make_timestamp(CAST(n AS BIGINT) * unit) AS TIMESTAMPTZ) END""",
    """CREATE MACRO bq_is_time(h, m, s) AS h BETWEEN 0 AND 23 AND m BETWEEN 0 AND 59
       AND s BETWEEN 0 AND 59""",
    """CREATE MACRO bq_is_date(y, m, d) AS y BETWEEN 1 AND 9999 AND m BETWEEN 1 AND 12
       AND d BETWEEN 1 AND day(last_day(make_date(CASE WHEN y BETWEEN 1 AND 9999 THEN y ELSE 1 END,
         CASE WHEN m BETWEEN 1 AND 12 THEN m ELSE 1 END, 1)))""",
    """CREATE MACRO bq_make_date(y, m, d) AS CASE WHEN NOT bq_is_date(y, m, d)
       THEN error('bq:Input calculates to invalid date: ' || printf('%04d-%02d-%02d', y, m, d))
       ELSE TRY(CAST(make_date(y, m, d) AS DATE)) END""",
    """CREATE MACRO bq_make_time(h, m, s) AS CASE WHEN NOT bq_is_time(h, m, s)
       THEN error('bq:Input calculates to invalid time: ' || printf('%02d:%02d:%02d', h, m, s))
       ELSE TRY(CAST(make_time(h, m, s) AS TIME)) END""",
    """CREATE MACRO bq_make_datetime(y, o, d, h, m, s) AS CASE
       WHEN NOT (bq_is_date(y, o, d) AND bq_is_time(h, m, s))
       THEN error('bq:Input calculates to invalid datetime: '
         || printf('%04d-%02d-%02d %02d:%02d:%02d', y, o, d, h, m, s))
       ELSE TRY(CAST(make_timestamp(y, o, d, h, m, CAST(s AS DOUBLE)) AS TIMESTAMP)) END""",
    """CREATE MACRO bq_parse(s, f) AS CASE WHEN s IS NULL THEN NULL
       WHEN try_strptime(s, f) IS NULL
       THEN error('bq:Failed to parse input string "' || s || '"')
       ELSE try_strptime(s, f) END""",
    f"""CREATE MACRO bq_to_timestamp(x) AS CASE
       WHEN typeof(x) = 'VARCHAR' AND x IS NOT NULL
         AND NOT regexp_full_match(CAST(x AS VARCHAR), '{_INSTANT}')
       THEN error('bq:Invalid timestamp: ''' || CAST(x AS VARCHAR) || '''')
       WHEN typeof(x) = 'VARCHAR' THEN
         CAST(regexp_replace(CAST(x AS VARCHAR), ' ?([Zz]|UTC)$', '+00') AS TIMESTAMPTZ)
       ELSE CAST(x AS TIMESTAMPTZ) END""",
    f"""CREATE MACRO bq_to_datetime(x) AS CASE
       WHEN typeof(x) = 'VARCHAR' AND x IS NOT NULL
         AND NOT regexp_full_match(CAST(x AS VARCHAR), '{_CIVIL}')
       THEN error('bq:Invalid datetime string "' || CAST(x AS VARCHAR) || '"')
       ELSE CAST(x AS TIMESTAMP) END""",
    f"""CREATE MACRO bq_to_time(x) AS CASE
       WHEN typeof(x) = 'VARCHAR' AND x IS NOT NULL
         AND NOT regexp_full_match(CAST(x AS VARCHAR), '{_TIME}')
       THEN error('bq:Invalid time string "' || CAST(x AS VARCHAR) || '"')
       ELSE CAST(x AS TIME) END""",
)
