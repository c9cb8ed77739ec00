"""DuckDB macros for JSON values, as BigQuery's "JSON functions" describe them."""

from __future__ import annotations

JSON_MACROS = (
    """CREATE MACRO bq_parse_json(x) AS CASE WHEN x IS NULL THEN NULL
       WHEN NOT json_valid(x) THEN error('bq:syntax error while parsing value - invalid literal')
       ELSE json(x) END""",
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
       WHEN json_type(x) = 'BOOLEAN' THEN CAST(CAST(x AS VARCHAR) AS BOOLEAN)
       ELSE error('bq:The provided JSON input is not a boolean') END""",
    """CREATE MACRO bq_json_int(x) AS CASE WHEN x IS NULL THEN NULL
       WHEN json_type(x) IN ('BIGINT', 'UBIGINT') THEN CAST(CAST(x AS VARCHAR) AS BIGINT)
       WHEN json_type(x) = 'DOUBLE' THEN error('stub:INT64 of a JSON number with a fraction')
       ELSE error('bq:The provided JSON input is not an integer') END""",
    """CREATE MACRO bq_json_float(x) AS CASE WHEN x IS NULL THEN NULL
       WHEN json_type(x) IN ('BIGINT', 'UBIGINT', 'DOUBLE')
       THEN CAST(CAST(x AS VARCHAR) AS DOUBLE)
       ELSE error('bq:The provided JSON input is not a number') END""",
)
