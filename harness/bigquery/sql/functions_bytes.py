"""Functions of texts that take BYTES too: done with a character for each byte, and back."""

from __future__ import annotations

# How the text function's template reads, with {0:l} for BYTES as such a text.
_TEMPLATES = """
ASCII(BYTES) INT64: coalesce(unicode(nullif({0:l}, '')), CASE WHEN {0} IS NOT NULL THEN 0 END)
CONCAT(BYTES, BYTES*) BYTES: ({|})
ENDS_WITH(BYTES, BYTES) BOOL: suffix({0:l}, {1:l})
INSTR(BYTES, BYTES) INT64: strpos({0:l}, {1:l})
INSTR(BYTES, BYTES, INT64) INT64: bq_instr({0:l}, {1:l}, {2}, 1)
INSTR(BYTES, BYTES, INT64, INT64) INT64: bq_instr({0:l}, {1:l}, {2}, {3})
LEFT(BYTES, INT64) BYTES: bytes bq_left({0:l}, {1})
LOWER(BYTES) BYTES: bytes translate({0:l}, bq_capitals(), bq_small())
LPAD(BYTES, INT64) BYTES: bytes bq_lpad({0:l}, {1}, ' ')
LPAD(BYTES, INT64, BYTES) BYTES: bytes bq_lpad({0:l}, {1}, {2:l})
LTRIM(BYTES, BYTES) BYTES: bytes ltrim({0:l}, {1:l})
REPEAT(BYTES, INT64) BYTES: bytes bq_repeat({0:l}, {1})
REPLACE(BYTES, BYTES, BYTES) BYTES: bytes replace({0:l}, {1:l}, {2:l})
REVERSE(BYTES) BYTES: bytes array_to_string(list_reverse(string_split({0:l}, '')), '')
RIGHT(BYTES, INT64) BYTES: bytes bq_right({0:l}, {1})
RPAD(BYTES, INT64) BYTES: bytes bq_rpad({0:l}, {1}, ' ')
RPAD(BYTES, INT64, BYTES) BYTES: bytes bq_rpad({0:l}, {1}, {2:l})
RTRIM(BYTES, BYTES) BYTES: bytes rtrim({0:l}, {1:l})
SPLIT(BYTES, BYTES) [BYTES]: list_transform(bq_split({0:l}, {1:l}), lambda p_ : vec_from_latin(p_))
STARTS_WITH(BYTES, BYTES) BOOL: prefix({0:l}, {1:l})
STRPOS(BYTES, BYTES) INT64: strpos({0:l}, {1:l})
SUBSTR(BYTES, INT64) BYTES: bytes substr({0:l}, bq_start({0:l}, {1}))
SUBSTR(BYTES, INT64, INT64) BYTES: bytes bq_substr({0:l}, {1}, {2})
SUBSTRING(BYTES, INT64) BYTES: bytes substr({0:l}, bq_start({0:l}, {1}))
SUBSTRING(BYTES, INT64, INT64) BYTES: bytes bq_substr({0:l}, {1}, {2})
TO_CODE_POINTS(BYTES) [INT64]: bq_code_points({0:l})
TRANSLATE(BYTES, BYTES, BYTES) BYTES: bytes bq_translate({0:l}, {1:l}, {2:l})
TRIM(BYTES, BYTES) BYTES: bytes trim({0:l}, {1:l})
UPPER(BYTES) BYTES: bytes translate({0:l}, bq_small(), bq_capitals())
BIT_COUNT(BYTES) INT64: bq_bit_count(bq_code_points({0:l}))
"""


def _line(line: str) -> str:
    head, _, template = line.partition(": ")
    for place in range(3):
        template = template.replace(f"{{{place}:l}}", f"vec_to_latin({{{place}}})")
    if template.startswith("bytes "):
        template = f"vec_from_latin({template.removeprefix('bytes ')})"
    return f"{head}: {template}"


BYTES = "\n".join(_line(line) for line in _TEMPLATES.strip().splitlines())
