"""DuckDB macros for JSON values, as BigQuery's "JSON functions" describe them."""

from __future__ import annotations

JSON_MACROS = (
    """CREATE MACRO bq_json_value(x, p) AS CASE
       WHEN json_type(x, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL
       ELSE json_extract_string(x, p) END""",
    """CREATE MACRO bq_json_array(x, p) AS CASE WHEN json_type(x, p) = 'ARRAY'
       THEN from_json(json_extract(x, p), '["JSON"]') END""",
    """CREATE MACRO bq_json_type(x) AS CASE json_type(x) WHEN 'VARCHAR' THEN 'string'
       WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' WHEN 'OBJECT' THEN 'object'
       WHEN 'ARRAY' THEN 'array' ELSE CASE WHEN x IS NOT NULL THEN 'number' END END""",
    """CREATE MACRO bq_json_string(x) AS CASE WHEN x IS NULL THEN NULL
       WHEN json_type(x) = 'VARCHAR' THEN json_extract_string(x, '$')
       ELSE error('bq:The provided JSON input is not a string') END""",
    """CREATE MACRO bq_json_bool(x) AS CASE WHEN x IS NULL THEN NULL
       WHEN json_type(x) = 'BOOLEAN' THEN TRY_CAST(CAST(x AS VARCHAR) AS BOOLEAN)
       ELSE error('bq:The provided JSON input is not a boolean') END""",
    # 10.0 is a whole number too.
    """CREATE MACRO bq_json_int(x) AS CASE WHEN x IS NULL THEN NULL
       WHEN json_type(x) IN ('BIGINT', 'UBIGINT', 'DOUBLE') THEN
         CASE WHEN json_type(x) <> 'DOUBLE' AND TRY_CAST(CAST(x AS VARCHAR) AS BIGINT) IS NOT NULL
           THEN TRY_CAST(CAST(x AS VARCHAR) AS BIGINT)
         WHEN json_type(x) = 'DOUBLE' AND abs(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE)) < 9.2e18
           AND TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) % 1 = 0
           THEN TRY_CAST(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) AS BIGINT)
         ELSE error('bq:The provided JSON number: ' || CAST(x AS VARCHAR)
           || ' cannot be converted to an integer') END
       ELSE error('bq:The provided JSON input is not an integer') END""",
    """CREATE MACRO bq_json_float(x, e) AS CASE WHEN x IS NULL THEN NULL
       WHEN json_type(x) NOT IN ('BIGINT', 'UBIGINT', 'DOUBLE')
       THEN error('bq:The provided JSON input is not a number')
       WHEN e AND json_type(x) <> 'DOUBLE'
         AND TRY_CAST(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) AS HUGEINT)
         <> TRY_CAST(CAST(x AS VARCHAR) AS HUGEINT)
       THEN error('bq:JSON number: ' || CAST(x AS VARCHAR)
         || ' cannot be converted to DOUBLE without loss of precision')
       ELSE TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) END""",
    r"""CREATE MACRO bq_lax_number(t) AS CASE
       WHEN regexp_full_match(t, '(?i)[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?')
         OR regexp_full_match(t, '(?i)[+-]?inf(inity)?|nan')
       THEN TRY_CAST(t AS DOUBLE) END""",
    """CREATE MACRO bq_lax_float(x) AS CASE
       WHEN json_type(x) IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'VARCHAR')
       THEN bq_lax_number(json_extract_string(x, '$')) END""",
    # Whole numbers keep all their digits; others are rounded, halves away from zero.
    """CREATE MACRO bq_lax_int(x) AS CASE json_type(x)
       WHEN 'BOOLEAN' THEN CASE WHEN TRY_CAST(CAST(x AS VARCHAR) AS BOOLEAN) THEN 1 ELSE 0 END
       WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL WHEN 'NULL' THEN NULL
       ELSE CASE WHEN regexp_full_match(json_extract_string(x, '$'), '[+-]?[0-9]+')
         THEN TRY_CAST(json_extract_string(x, '$') AS BIGINT)
         ELSE TRY_CAST(round(bq_lax_number(json_extract_string(x, '$'))) AS BIGINT) END END""",
    """CREATE MACRO bq_lax_bool(x) AS CASE json_type(x)
       WHEN 'BOOLEAN' THEN TRY_CAST(CAST(x AS VARCHAR) AS BOOLEAN)
       WHEN 'VARCHAR' THEN CASE lower(json_extract_string(x, '$')) WHEN 'true' THEN true
         WHEN 'false' THEN false END
       WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL WHEN 'NULL' THEN NULL
       ELSE TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) <> 0 END""",
    """CREATE MACRO bq_given(a, what) AS CASE WHEN a IS NULL
       THEN error('bq:The ' || what || ' array cannot be NULL') ELSE a END""",
)
