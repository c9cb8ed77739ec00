"""DuckDB macros for RANGE: an infinite end is UNBOUNDED, so that ranges compare as STRUCTs do."""

from __future__ import annotations

RANGE_MACROS = (
    """CREATE MACRO bq_range(f, t, known) AS CASE WHEN NOT known THEN NULL WHEN f >= t
       THEN error('bq:Range start element must be smaller than range end element: ['
         || CAST(f AS VARCHAR) || ', ' || CAST(t AS VARCHAR) || ')')
       ELSE struct_pack("from~" := coalesce(f, '-infinity'), "to~" := coalesce(t, 'infinity'))
       END""",
    r"""CREATE MACRO bq_range_end(s, n) AS CASE WHEN s IS NULL THEN NULL
       WHEN NOT regexp_full_match(s, '\[[^,\[\]()]+, [^,\[\]()]+\)')
       THEN error('bq:Invalid RANGE value: ' || s)
       WHEN upper(regexp_extract(s, '\[(.*), (.*)\)', n)) IN ('UNBOUNDED', 'NULL') THEN NULL
       ELSE regexp_extract(s, '\[(.*), (.*)\)', n) END""",
    # For who takes NULL for UNBOUNDED.
    """CREATE MACRO bq_range_finite(x) AS CASE WHEN isfinite(x) THEN x END""",
    """CREATE MACRO bq_range_ends(r) AS CASE WHEN r IS NOT NULL THEN struct_pack(
       "from~" := bq_range_finite(struct_extract(r, 'from~')),
       "to~" := bq_range_finite(struct_extract(r, 'to~'))) END""",
    """CREATE MACRO bq_range_has(f, t, x) AS CASE WHEN x IS NOT NULL THEN f <= x AND x < t END""",
    """CREATE MACRO bq_range_within(a, b) AS a.f <= b.f AND b.t <= a.t""",
    """CREATE MACRO bq_range_meet(f, t, g, u) AS f < u AND g < t""",
    """CREATE MACRO bq_range_shared(f, t, g, u) AS CASE WHEN NOT bq_range_meet(f, t, g, u)
       THEN error('bq:Provided RANGE inputs do not overlap')
       ELSE struct_pack("from~" := greatest(f, g), "to~" := least(t, u)) END""",
)
