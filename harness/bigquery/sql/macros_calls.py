"""DuckDB macros for calls that more than a signature tells: patterns, buckets, addresses, tops."""

from __future__ import annotations

_WIDTH = "error('bq:BUCKET doesn''t support zero or negative bucket width INTERVAL')"
CALL_MACROS = (
    """CREATE MACRO bq_regexp_check(p, n) AS CASE
       WHEN p <= 0 THEN error('bq:Position must be positive')
       WHEN n <= 0 THEN error('bq:Occurrence must be positive') ELSE true END""",
    """CREATE MACRO bq_regexp_nth(s, r, g, p, n) AS CASE WHEN bq_regexp_check(p, n)
       THEN regexp_extract_all(substr(s, p), r, g)[n] END""",
    # The text up to the n-th match is what the shortest beginning before it holds.
    """CREATE MACRO bq_regexp_place(s, r, b, p, n, e) AS CASE WHEN NOT bq_regexp_check(p, n)
         OR e IS NULL OR s IS NULL THEN NULL
       WHEN e NOT IN (0, 1)
       THEN error('bq:Invalid return_position_after_match: ' || CAST(e AS VARCHAR))
       WHEN r = '' OR len(regexp_extract_all(substr(s, p), r)) < n THEN 0
       ELSE p + length(regexp_extract(substr(s, p), '(?s)^((?:.*?' || b || '){'
         || CAST(n - 1 AS VARCHAR) || '}.*?' || CASE WHEN e = 1 THEN b || ')' ELSE ')' || b END, 1))
       END""",
    """CREATE MACRO bq_top(entries, nulls, nothing, n) AS list_transform(list_sort(list_transform(
         CASE WHEN nulls > 0
           THEN list_append(coalesce(entries, []), struct_pack(key := nothing, value := nulls))
           ELSE entries END,
         lambda e_ : struct_pack(c := CAST(e_.value AS BIGINT), k := e_.key)), 'DESC')[1:n],
       lambda e_ : struct_pack("value" := e_.k, "count" := e_.c))""",
    """CREATE MACRO bq_top_sum(pairs, n) AS list_transform(list_sort(list_transform(
         list_distinct(list_transform(pairs, lambda p_ : struct_pack(v := p_.v))),
         lambda d_ : struct_pack(s := list_sum(list_transform(list_filter(pairs,
           lambda p_ : p_.v IS NOT DISTINCT FROM d_.v), lambda p_ : p_.w)), v := d_.v)),
         'DESC', 'NULLS LAST')[1:n],
       lambda e_ : struct_pack("value" := e_.v, "sum" := e_.s))""",
    # Down to a whole number of widths, also before the origin.
    """CREATE MACRO bq_down(n, w) AS n - ((n % w) + w) % w""",
    f"""CREATE MACRO bq_bucket(x, w, o) AS CASE WHEN w <= 0 THEN {_WIDTH}
       ELSE make_timestamp(epoch_us(o) + bq_down(epoch_us(x) - epoch_us(o), w)) END""",
    """CREATE MACRO bq_months_since(x, o) AS datediff('month', o, x)
       - CASE WHEN o + to_months(CAST(datediff('month', o, x) AS INTEGER)) > x
         THEN 1 ELSE 0 END""",
    f"""CREATE MACRO bq_bucket_months(x, w, o) AS CASE WHEN w <= 0 THEN {_WIDTH}
       WHEN day(o) > 28 THEN error('stub:a bucket of months from a day beyond the 28th')
       ELSE o + to_months(CAST(bq_down(bq_months_since(x, o), w) AS INTEGER)) END""",
    """CREATE MACRO bq_ipv4_from_int(n) AS CASE WHEN n < -2147483648 OR n > 4294967295
       THEN error('bq:NET.IPV4_FROM_INT64() encountered a non-IPv4 address. Expected range: '
         || '[-0x80000000, 0xFFFFFFFF]; got ' || CAST(n AS VARCHAR))
       ELSE unhex(right(lpad(hex(CAST(n AS BIGINT)), 16, '0'), 8)) END""",
    """CREATE MACRO bq_ipv4_to_int(b) AS CASE WHEN octet_length(CAST(b AS BLOB)) <> 4
       THEN error('bq:NET.IPV4_TO_INT64() encountered a non-IPv4 address. Expected 4 bytes but got '
         || CAST(octet_length(CAST(b AS BLOB)) AS VARCHAR))
       ELSE CAST(('0x' || hex(CAST(b AS BLOB))) AS BIGINT) END""",
    "CREATE MACRO bq_floor_div(a, b) AS (a - ((a % b) + b) % b) // b",
    # Minutes east of Greenwich as UTC-8 or UTC+5:30, and as -0800 or +05:30.
    """CREATE MACRO bq_zone_name(m) AS CASE WHEN m = 0 THEN 'UTC' ELSE 'UTC'
       || CASE WHEN m < 0 THEN '-' ELSE '+' END || CAST(abs(m) // 60 AS VARCHAR)
       || CASE WHEN m % 60 = 0 THEN '' ELSE ':' || lpad(CAST(abs(m) % 60 AS VARCHAR), 2, '0') END
       END""",
    """CREATE MACRO bq_zone_offset(m, mark) AS CASE WHEN m < 0 THEN '-' ELSE '+' END
       || lpad(CAST(abs(m) // 60 AS VARCHAR), 2, '0') || mark
       || lpad(CAST(abs(m) % 60 AS VARCHAR), 2, '0')""",
    """CREATE MACRO bq_seconds_digits(t, n) AS strftime(t, '%S') || CASE WHEN n = 0 THEN ''
       ELSE '.' || rpad(left(strftime(t, '%f'), n), n, '0') END""",
    """CREATE MACRO bq_seconds_text(t) AS strftime(t, '%S')
       || CASE WHEN strftime(t, '%f') = '000000' THEN ''
         ELSE '.' || rtrim(strftime(t, '%f'), '0') END""",
    """CREATE MACRO bq_zoned_text(t, i) AS bq_to_string(t) || regexp_replace(
       bq_zone_offset(CAST((epoch_us(t) - epoch_us(i)) // 60000000 AS BIGINT), ':'),
       ':00$', '')""",
    # Places count from 0, or from the end where they are negative; both ends are taken.
    """CREATE MACRO bq_array_slice(a, s, e) AS CASE
       WHEN a IS NULL OR s IS NULL OR e IS NULL THEN NULL
       WHEN CASE WHEN e < 0 THEN len(a) + e ELSE e END < 0 THEN a[1:0]
       ELSE a[greatest(CASE WHEN s < 0 THEN len(a) + s ELSE s END, 0) + 1
         : CASE WHEN e < 0 THEN len(a) + e ELSE e END + 1] END""",
    """CREATE MACRO bq_distance(d, a, b, what) AS CASE WHEN len(a) <> len(b)
       THEN error('bq:Array length mismatch: ' || CAST(len(a) AS VARCHAR) || ' and '
         || CAST(len(b) AS VARCHAR) || '.')
       WHEN what = 'COSINE_DISTANCE' AND (list_sum(list_transform(a, lambda v_ : v_ * v_)) = 0
         OR list_sum(list_transform(b, lambda v_ : v_ * v_)) = 0)
       THEN error('bq:Cannot compute cosine distance against zero vector.') ELSE d END""",
    """CREATE MACRO bq_float_array(a, b, s) AS CASE WHEN s = 0
       THEN error('bq:Sequence step cannot be 0.')
       ELSE list_transform(range(0, greatest(CAST(floor((b - a) / s + 1e-9) AS BIGINT) + 1, 0)),
         lambda n_ : a + n_ * s) END""",
    # NULL in an array of BOOL is neither.
    """CREATE MACRO bq_any(a) AS CASE WHEN list_contains(a, true) THEN true
       WHEN list_contains(list_transform(a, lambda b_ : b_ IS NULL), true) THEN NULL
       WHEN a IS NOT NULL THEN false END""",
    # The sign may stand at either end, with blanks around it; commas are passed over.
    r"""CREATE MACRO bq_number_text(s, what) AS CASE WHEN s IS NOT NULL AND NOT regexp_full_match(s,
         '\s*([+-]?\s*[0-9,]*\.?[0-9,]*([eE][+-]?[0-9]+)?|[0-9,]*\.?[0-9,]*\s*[+-])\s*')
         OR NOT regexp_matches(s, '[0-9]')
       THEN error('bq:Invalid input to ' || what || ': "' || s || '"')
       ELSE regexp_replace(regexp_replace(s, '[\s,]', '', 'g'),
         '^(.*)([+-])$', '\2\1') END""",
    """CREATE MACRO bq_at_most(d, m) AS CASE WHEN m < 0
       THEN error('bq:max_distance must be non-negative') ELSE least(d, m) END""",
)
