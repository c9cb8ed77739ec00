"""Which names a statement of SQL mentions, and whether it looks at rows behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/"
    r"|(?P<literal>\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')"
    r"|(?P<quoted>\"(?:[^\"]|\"\")+\"|`[^`]+`)"
    r"|\$\w*\$"
    r"|(?P<word>[^\W\d][\w$]*(?:-[\w]+)*)"
    r"|(?P<dot>\.)|(?P<end>;)",
    re.DOTALL,
)
_WORD = re.compile(r"[\w$-]+(?:\.[\w$-]+)*")
_NAME = r"""(?P<name>[\w$"`.-]+)"""
_EMPTYING = re.compile(
    rf"\bTRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?\s+(?!TABLE\b|ONLY\b){_NAME}"
    rf"|\bDELETE\s+FROM(?:\s+ONLY)?\s+{_NAME.replace('name', 'deleted')}\s*(?:;|$)",
    re.IGNORECASE,
)
# What these write is not looked at by them; what stands behind SELECT is.
_WRITING = {
    *("INSERT", "COPY", "CREATE", "DROP", "TRUNCATE", "ALTER", "COMMENT", "LOCK", "ANALYZE"),
    *("VACUUM", "GRANT", "REVOKE", "LOAD"),
}
_LONGEST = 1 << 20
_LOOKING = {"SELECT", "WITH", "TABLE", "VALUES"}


@dataclass(frozen=True)
class Mention:
    """A name that occurs in a statement.

    Attributes:
        parts: The parts of the name, as they are written, without quotes.
        rows: Whether rows behind it may be looked at; else only that it is there, and its shape.
    """

    parts: tuple[str, ...]
    rows: bool


def mentions(text: str) -> frozenset[Mention]:
    """All names of a request, whether or not they are names of tables.

    The parts of a name in backquotes are divided. Of a long text, as of an INSERT with all its
    rows, the first MiB is looked at.

    Args:
        text: One or more statements of PostgreSQL or GoogleSQL.
    """
    return frozenset(one for statement in _statements(text[:_LONGEST]) for one in _of(statement))


def named(text: str) -> frozenset[Mention]:
    """The names in a value, such as one that a catalogue is asked for.

    Args:
        text: The value.
    """
    return frozenset(Mention(tuple(word.split(".")), rows=False) for word in _WORD.findall(text))


def emptied(text: str) -> list[tuple[str, ...]]:
    """The tables, by the parts of their names, whose rows a request throws away without a look.

    Mage's exporters replace a table so: ``DELETE FROM`` it, without WHERE.

    Args:
        text: One or more statements.
    """
    return [
        tuple(part.strip('"`') for part in (match["name"] or match["deleted"]).split("."))
        for match in _EMPTYING.finditer(text[:_LONGEST])
    ]


def _statements(text: str) -> Iterator[list[re.Match[str]]]:
    found: list[re.Match[str]] = []
    for token in _TOKEN.finditer(text):
        if token["end"]:
            yield found
            found = []
        else:
            found.append(token)
    yield found


def _of(tokens: list[re.Match[str]]) -> Iterator[Mention]:
    words = [token["word"].upper() if token["word"] else "" for token in tokens]
    verb = next((word for word in words if word), "")
    upsert = any(pair == ("ON", "CONFLICT") for pair in pairwise(words))
    empties = verb == "DELETE" and not {"WHERE", "USING"} & set(words)
    rows = not (verb in _WRITING or empties) or upsert or (verb == "COPY" and "TO" in words)
    name: list[str] = []
    referenced = False
    for token, word in zip(tokens, words, strict=True):
        if token["literal"]:
            yield from named(token["literal"].strip("eE'"))
        if token["dot"] and name:
            name.append("")
        part = _part(token, word)
        if part is None:
            continue
        if name and name[-1] == "":
            name[-1:] = part
        else:
            if name:
                yield Mention(tuple(name), rows or referenced)
            referenced = bool(name) and name[0].upper() == "REFERENCES"
            name = part
        if verb in _WRITING and verb != "COPY" and word in _LOOKING and words.index(word) > 0:
            rows = rows or word != "TABLE"
        elif verb == "COPY" and word == "SELECT":
            rows = True
    if name:
        yield Mention(tuple(one for one in name if one), rows or referenced)


def _part(token: re.Match[str], word: str) -> list[str] | None:
    if word:
        return [token["word"]]
    quoted: str | None = token["quoted"]
    if quoted is None:
        return None
    if quoted.startswith("`"):
        return quoted[1:-1].split(".")
    return [quoted[1:-1].replace('""', '"')]
