"""Jinja in YAML files, made opaque so that the YAML around it can be read and edited.

Mage renders io_config.yaml before it parses it, so the text as written need not be YAML at all:
``HOST: {{ env_var('HOST') }}`` is a mapping as a key until it is rendered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from harness.errors import ProjectError

_MARK = "jinja{:06d}hidden"
_MARKS = re.compile(r"jinja(\d{6})hidden")
_BLOCKS = frozenset({"if", "for", "with", "filter", "call", "macro", "autoescape", "block"})
_LONE_SET = re.compile(r"\{%-?\s*(set|import|from)\b")


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """A template with its Jinja hidden.

    Attributes:
        text: The text with a word in place of each expression.
        pieces: The Jinja behind each word.
        head: Statements that have no place in the YAML (``{% set %}``).
        lines: For each line of the text, its line in the template, both counted from 1.
    """

    text: str
    pieces: tuple[str, ...]
    head: str
    lines: tuple[int, ...]

    def restore(self, text: str) -> str:
        """Put the Jinja back into a text."""
        return _MARKS.sub(lambda found: self.pieces[int(found[1])], text)

    def line(self, number: int) -> int:
        """The line of the template for a line of the text."""
        return self.lines[min(max(number, 1), len(self.lines)) - 1]


def hide(template: str, *, name: str) -> Hidden:
    """Hide the Jinja of a template.

    Args:
        template: The template's text.
        name: The file's name, for messages.

    Raises:
        ProjectError: The Jinja is not valid, or a statement spans lines of YAML, which cannot be
            edited without rendering it.
    """
    environment = Environment(keep_trailing_newline=True)  # noqa: S701 - YAML is not HTML
    try:
        environment.parse(template)
        tokens = list(environment.lex(template))
    except TemplateSyntaxError as error:
        raise ProjectError(
            f"{name}:{error.lineno}: the Jinja is not valid",
            cause=f"{error.message}; Mage then can use no profile of the file",
            remedy="mend the expression at that line",
        ) from error
    builder = _Hider(name)
    for number, kind, value in tokens:
        builder.add(number, kind, value)
    return builder.result()


class _Hider:
    def __init__(self, name: str) -> None:
        self._name = name
        self._out: list[str] = []
        self._pieces: list[str] = []
        self._head: list[str] = []
        self._lines = [1]
        self._at = 1
        self._open = ""
        self._depth = 0
        self._words: list[str] = []
        self._start = 1

    def add(self, number: int, kind: str, value: str) -> None:
        if not self._open and not self._depth:
            self._start = number
        if kind in {"variable_begin", "block_begin"}:
            self._open += value
            self._words = []
        elif kind in {"variable_end", "block_end"}:
            self._open += value
            self._close(is_statement=kind == "block_end")
        elif kind == "raw_begin":
            self._open += value
            self._depth += 1
        elif kind == "raw_end":
            self._open += value
            self._words = ["endraw"]
            self._close(is_statement=True)
        elif kind.startswith("comment"):
            self._skip(value)
        elif self._open or self._depth:
            self._open += value
            self._words += [value] if kind == "name" else []
        else:
            self._plain(value)

    def result(self) -> Hidden:
        return Hidden(
            text="".join(self._out),
            pieces=tuple(self._pieces),
            head="".join(self._head),
            lines=tuple(self._lines),
        )

    def _close(self, *, is_statement: bool) -> None:
        word = self._words[0] if self._words else ""
        if is_statement and word in _BLOCKS:
            self._depth += 1
        elif is_statement and word.startswith("end"):
            self._depth -= 1
        if self._depth > 0:
            return
        piece, self._open, self._depth = self._open, "", 0
        if _LONE_SET.match(piece):
            self._head.append(piece)
            self._skip(piece)
            return
        if is_statement and "\n" in piece:
            raise ProjectError(
                f"{self._name}:{self._start}: a Jinja statement spans lines of YAML",
                cause="the harness replaces single values and must see which keys there are",
                evidence=[piece.splitlines()[0]],
                remedy="write the choice into the value: {{ a if condition else b }}",
            )
        self._out.append(_MARK.format(len(self._pieces)))
        self._pieces.append(piece)
        self._skip(piece)

    def _plain(self, value: str) -> None:
        self._out.append(value)
        for _ in range(value.count("\n")):
            self._at += 1
            self._lines.append(self._at)

    def _skip(self, value: str) -> None:
        self._at += value.count("\n")


def unset_names(template: str, known: frozenset[str], *, function: str = "env_var") -> list[str]:
    """Variables that a value asks for by ``env_var`` and that are not set.

    Args:
        template: The value as written.
        known: The names of the variables that are set.
        function: What it asks by: ``env_var``, or ``mage_secret_var`` for secrets.

    Returns:
        The names in order; without those that the value gives another value for, by a second
        argument, ``or`` or the ``default`` filter.
    """
    return [name for name in _asked_for(template, function) if name not in known]


@lru_cache(1_024)
def _asked_for(template: str, function: str) -> tuple[str, ...]:
    try:
        tree = Environment().parse(template)  # noqa: S701 - YAML is not HTML
    except TemplateSyntaxError:
        return ()
    excused = {
        id(call)
        for kind, part in ((nodes.Or, "left"), (nodes.Filter, "node"), (nodes.CondExpr, "test"))
        for outer in tree.find_all(kind)
        if not isinstance(outer, nodes.Filter) or outer.name in {"default", "d"}
        for call in _calls(getattr(outer, part), function)
    }
    names = []
    for call in _calls(tree, function):
        match call.args:
            case [nodes.Const(value=str(name))] if id(call) not in excused and not call.kwargs:
                names.append(name)
            case _:
                pass
    return tuple(dict.fromkeys(names))


def _calls(tree: nodes.Node, function: str) -> list[nodes.Call]:
    every = [tree, *tree.find_all(nodes.Call)] if isinstance(tree, nodes.Call) else None
    return [
        call
        for call in every or tree.find_all(nodes.Call)
        if isinstance(call, nodes.Call)
        and isinstance(call.node, nodes.Name)
        and call.node.name == function
    ]
