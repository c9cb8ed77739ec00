"""Objects of Cloud Storage that SQL names: files of external tables, loads and exports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.inspect.values import Text

if TYPE_CHECKING:
    from harness.inspect.model import Access

_LITERAL = re.compile(r"(['\"])gs://([^'\"]+)\1")
_EXPORT = re.compile(r"\bexport\s+data\b", re.IGNORECASE)
_MARK = "\0{}\0"


def objects(query: Text) -> list[tuple[Access, Text]]:
    """The objects that a query reads and writes, as ``bucket/key``, in order.

    Of names with an asterisk, it is the folder that is read.

    Args:
        query: The query.
    """
    written = "".join(
        part if isinstance(part, str) else _MARK.format(number)
        for number, part in enumerate(query.parts)
    )
    access: Access = "writes" if _EXPORT.search(written) else "reads"
    found = []
    for literal in _LITERAL.finditer(written):
        name, asterisk, _ = literal[2].partition("*")
        if asterisk:
            name = name[: name.rfind("/") + 1]
        found.append((access, _with_holes(name, query)))
    return list(dict.fromkeys(found))


def _with_holes(name: str, query: Text) -> Text:
    # Of what a split by the marks gives, each second part is a hole's number.
    parts = [
        query.parts[int(part)] if number % 2 else part
        for number, part in enumerate(name.split("\0"))
    ]
    return Text(tuple(part for part in parts if part))
