"""Which file and line of a block something belongs to."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.project.model import Block, Project

_LEAST_WORDS = 2
_MOST_WORDS = 6
_SCHEME = re.compile(r"^(?:gs|s3)://")


def file_of(block: Block | None) -> str:
    """The block's file relative to the project, with forward slashes; empty where it has none."""
    return block.file.as_posix() if block is not None and block.file is not None else ""


def source_of(project: Project, block: Block) -> str:
    """The text of the block's file; empty where it has none."""
    if block.file is None or not (project.path / block.file).is_file():
        return ""
    return (project.path / block.file).read_text("utf-8", "replace")


def caught_names(source: str) -> set[str]:
    """The exceptions that a block's source names in its except clauses, as they are written."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    kinds = [
        node.type
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type is not None
    ]
    parts = [
        part for kind in kinds for part in (kind.elts if isinstance(kind, ast.Tuple) else [kind])
    ]
    return {ast.unparse(part) for part in parts}


def def_line(source: str, first: int | None) -> int | None:
    """The line of ``def`` for a function whose first line, as Python counts, is a decorator's.

    Args:
        source: The block's source.
        first: The line of the function's first decorator, counted from 1, or None.
    """
    if first is None:
        return None
    lines = source.splitlines()
    for number in range(first, len(lines) + 1):
        if re.match(r"\s*(async\s+)?def\b", lines[number - 1]):
            return number
    return first


def line_of_text(source: str, detail: str) -> int | None:
    """The line of a block's source that holds the beginning of a statement or an address.

    Args:
        source: The block's source.
        detail: A SQL statement, URL or object name as a service saw it.

    Returns:
        The line, counted from 1, of the longest beginning that the source holds, or None.
    """
    found = words_held(source, detail)
    return None if found is None else found[1]


def words_held(source: str, detail: str) -> tuple[int, int] | None:
    """How many words of a statement or an address a source holds, and on which line.

    Args:
        source: The block's source.
        detail: A SQL statement, URL or object name as a service saw it.

    Returns:
        The number of words of the longest beginning that the source holds, and its line, counted
        from 1; None where it holds too little.
    """
    # Most clients are given bucket and object apart from the scheme.
    words = re.findall(r"\w+", _SCHEME.sub("", detail))
    for count in range(min(_MOST_WORDS, len(words)), _LEAST_WORDS - 1, -1):
        pattern = r"\W+".join(re.escape(word) for word in words[:count])
        found = re.search(pattern, source, re.IGNORECASE)
        if found:
            return count, source.count("\n", 0, found.start()) + 1
    return None
