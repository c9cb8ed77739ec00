"""DuckDB macros for RANGE: NULL of an end stands for UNBOUNDED."""

from __future__ import annotations

RANGE_MACROS = (
    """CREATE MACRO bq_range(f, t, known) AS CASE WHEN NOT known THEN NULL WHEN f >= t
       THEN error('bq:Range start element must be smaller than range end element: ['
         || CAST(f AS VARCHAR) || ', ' || CAST(t AS VARCHAR) || ')')
       ELSE struct_pack("from~" := f, "to~" := t) END""",
    r"""CREATE MACRO bq_range_end(s, n) AS CASE WHEN s IS NULL THEN NULL
       WHEN NOT regexp_full_match(s, '\[[^,\[\]()]+, [^,\[\]()]+\)')
       THEN error('bq:Invalid RANGE value: ' || s)
       WHEN upper(regexp_extract(s, '\[(.*), (.*)\)', n)) IN ('UNBOUNDED', 'NULL') THEN NULL
       ELSE regexp_extract(s, '\[(.*), (.*)\)', n) END""",
    """CREATE MACRO bq_range_has(f, t, x) AS CASE WHEN x IS NOT NULL
       THEN coalesce(f <= x, true) AND coalesce(x < t, true) END""",
    """CREATE MACRO bq_range_within(a, b) AS
       (a.f IS NULL OR coalesce(a.f <= b.f, false))
       AND (a.t IS NULL OR coalesce(b.t <= a.t, false))""",
    """CREATE MACRO bq_range_meet(f, t, g, u) AS coalesce(f < u, true) AND coalesce(g < t, true)""",
    """CREATE MACRO bq_range_shared(f, t, g, u) AS CASE WHEN NOT bq_range_meet(f, t, g, u)
       THEN error('bq:Provided RANGE inputs do not overlap')
       ELSE struct_pack("from~" := greatest(f, g), "to~" := least(t, u)) END""",
)
