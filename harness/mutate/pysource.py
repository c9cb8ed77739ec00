"""A Python file as text, syntax tree and tokens, all with places in characters."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_SILENT = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT})


@dataclass(frozen=True)
class Token:
    """A word or sign of the file, with its place in characters."""

    text: str
    start: int
    end: int
    kind: int
    depth: int


def parsed(text: str) -> ast.Module:
    """The syntax tree of a file; what Python only warns of is the lint's affair.

    Args:
        text: The file's text.

    Raises:
        SyntaxError: It is not Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error)) from error


class PySource:
    """A Python file; comments and layout are no tokens.

    Args:
        text: The file's text.

    Raises:
        SyntaxError: It is not Python.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = parsed(text)
        # As ast and tokenize count: form feeds and other separators end no line.
        self._lines = text.replace("\r\n", " \n").replace("\r", "\n").split("\n")
        starts = [0]
        for line in self._lines:
            starts.append(starts[-1] + len(line) + 1)
        self._starts = starts
        self._tokens = self._tokenized()
        self._places = [token.start for token in self._tokens]

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node starts and ends."""
        end_line = node.end_lineno or node.lineno
        return (
            self._place(node.lineno, node.col_offset),
            self._place(end_line, node.end_col_offset or 0),
        )

    def segment(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def tokens(self, start: int, end: int) -> Sequence[Token]:
        """The tokens that start in a piece of the text."""
        first = bisect_left(self._places, start)
        return self._tokens[first : bisect_left(self._places, end)]

    def between(
        self, left: ast.expr, right: ast.expr, words: Collection[str]
    ) -> tuple[int, int] | None:
        """Where an operator of one or two words stands between its operands."""
        found = [
            token
            for token in self.tokens(self.span(left)[1], self.span(right)[0])
            if token.text in words
        ]
        return (found[0].start, found[-1].end) if found else None

    def dot_of(self, node: ast.Attribute) -> int:
        """Where the dot before an attribute's name stands."""
        tokens = self.tokens(self.span(node.value)[1], self.span(node)[1])
        return [token.start for token in tokens if token.text == "."][-1]

    def with_piece(self, start: int, end: int, new: str) -> str:
        """The text with another piece, whose other lines keep their numbers."""
        missing = self.text.count("\n", start, end) - new.count("\n")
        if missing <= 0:
            return self.text[:start] + new + self.text[end:]
        padding = "\n" * missing
        before = self.tokens(0, start)
        if before and before[-1].depth:
            return self.text[:start] + new + padding + self.text[end:]
        after = next((at for at in self._line_ends if at >= end), len(self.text))
        return self.text[:start] + new + self.text[end:after] + padding + self.text[after:]

    def statement(self, line: int) -> tuple[int, int]:
        """The first and the last line of the innermost statement at a line, or of its head."""
        around = [lines for lines in self._statements if lines[0] <= line <= lines[1]]
        return max(around, default=(line, line))

    @cached_property
    def _statements(self) -> list[tuple[int, int]]:
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt):
                body = getattr(node, "body", None)
                last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
                found.append((node.lineno, max(node.lineno, last)))
        return found

    @cached_property
    def modules(self) -> frozenset[str]:
        """Names that imports bind."""
        return frozenset(
            (alias.asname or alias.name).partition(".")[0]
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        )

    @cached_property
    def assigned(self) -> Mapping[str, Sequence[ast.expr]]:
        """What names are set to."""
        found = defaultdict(list)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        found[target.id].append(node.value)
        return found

    @cached_property
    def _line_ends(self) -> list[int]:
        """Where logical lines have ended."""
        return [token.end for token in self._tokens if token.kind == tokenize.NEWLINE]

    def _place(self, line: int, column: int) -> int:
        """The character of a line's byte, which is how ast counts."""
        text = self._lines[line - 1]
        if text.isascii():
            return self._starts[line - 1] + column
        return self._starts[line - 1] + len(text.encode()[:column].decode(errors="ignore"))

    def _tokenized(self) -> list[Token]:
        found: list[Token] = []
        depth = 0
        for one in tokenize.generate_tokens(io.StringIO("\n".join(self._lines)).readline):
            if one.type in _SILENT:
                continue
            start = self._starts[one.start[0] - 1] + one.start[1]
            end = min(self._starts[one.end[0] - 1] + one.end[1], len(self.text))
            depth += (one.string in "([{" and one.string != "") - (
                one.string in ")]}" and one.string != ""
            )
            found.append(Token(one.string, start, end, one.type, depth))
        return found
