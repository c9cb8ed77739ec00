"""Functions of the real service that the stub does not have: refused as such."""

from __future__ import annotations

# Of geography, encryption, sketches and models.
REAL_PREFIXES = (
    "AEAD.",
    "AI.",
    "DETERMINISTIC_",
    "H3_",
    "HLL_COUNT.",
    "KEYS.",
    "KLL_QUANTILES.",
    "ML.",
    "NET.",
    "OBJ.",
    "S2_",
    "ST_",
)
REAL = frozenset(
    [
        "APPENDS",
        "ARRAY_FILTER",
        "ARRAY_TRANSFORM",
        "BAG_OF_WORDS",
        "BOOL_ARRAY",
        "CHANGES",
        "COLLATE",
        "DATE_TIME_PART",
        "DLP_DETERMINISTIC_DECRYPT",
        "DLP_DETERMINISTIC_ENCRYPT",
        "DLP_KEY_CHAIN",
        "EXTERNAL_OBJECT_TRANSFORM",
        "EXTERNAL_QUERY",
        "FLOAT64_ARRAY",
        "GAP_FILL",
        "GENERATE_RANGE_ARRAY",
        "GROUPING",
        "INT64_ARRAY",
        "JSON_FLATTEN",
        "LAX_BOOL_ARRAY",
        "LAX_FLOAT64_ARRAY",
        "LAX_INT64_ARRAY",
        "LAX_STRING_ARRAY",
        "MATCH_RECOGNIZE",
        "RANGE_SESSIONIZE",
        "SEARCH",
        "SESSION_USER",
        "STRING_ARRAY",
        "TEXT_ANALYZE",
        "TF_IDF",
        "TYPEOF",
        "UINT32",
        "VECTOR_SEARCH",
    ]
)
