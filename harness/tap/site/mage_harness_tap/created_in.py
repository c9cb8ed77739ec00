"""Which datasets of BigQuery a text of SQL creates tables in."""

import re
from typing import List, Optional, Tuple

_NAME = r"(?:`[^`\n]+`|[\w-]+)"
_CREATED = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?"
    r"(?:(?:EXTERNAL|SNAPSHOT)\s+TABLE|TABLE\s+FUNCTION|TABLE|MATERIALIZED\s+VIEW|VIEW|FUNCTION"
    r"|PROCEDURE)\s+(?:IF\s+NOT\s+EXISTS\s+)?(%s(?:\s*\.\s*%s){0,2})" % (_NAME, _NAME),
    re.IGNORECASE,
)
_COMMENT = re.compile(r"--[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_WITH_DATASET, _WITH_PROJECT = 2, 3


def created_in(sql: str) -> List[Tuple[Optional[str], str]]:
    """The datasets, each with its project, or None where the text names none.

    Args:
        sql: One statement or several.
    """
    found: List[Tuple[Optional[str], str]] = []
    for name in _CREATED.findall(_COMMENT.sub(" ", sql)):
        parts = re.sub(r"[`\s]", "", name).split(".")
        if len(parts) == _WITH_PROJECT:
            found.append((parts[0], parts[1]))
        elif len(parts) == _WITH_DATASET:
            found.append((None, parts[0]))
    return list(dict.fromkeys(found))
