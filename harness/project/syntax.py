"""Python files as syntax trees."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_Told = TypeVar("_Told")

# What many blocks import is among them however many blocks there are; trees take much memory.
_KEPT = 64
_TOLD = 4_096
_NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


def syntax_tree(file: Path) -> ast.Module | None:
    """The syntax tree of a file, or None where it cannot be read or is not Python.

    It is the same one for as long as the file has the same content: look at it, and leave it as
    it is.

    Args:
        file: The file.
    """
    try:
        return _tree(file, file.read_bytes())
    except (OSError, *_NOT_PYTHON):
        return None


def of_each_text(
    look: Callable[[ast.Module], tuple[_Told, ...]],
) -> Callable[[Path], tuple[_Told, ...]]:
    """Have what a syntax tree tells found once for each text, whatever files have it.

    Each run looks at all Python files of its copy of the project. A project's files change seldom,
    so that a run of one pipeline does not take the longer for all the others that are there.

    Args:
        look: Finds it; the tree alone decides.

    Returns:
        The same for a file; empty where it cannot be read or is not Python.
    """

    @lru_cache(_TOLD)
    def told(source: bytes) -> tuple[_Told, ...]:
        try:
            return look(_parsed(source))
        except _NOT_PYTHON:
            return ()

    def of_file(file: Path) -> tuple[_Told, ...]:
        try:
            return told(file.read_bytes())
        except OSError:
            return ()

    return of_file


@lru_cache(_KEPT)
def _tree(_file: Path, source: bytes) -> ast.Module:
    return _parsed(source)


def _parsed(source: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)
