"""What a statement does to its session: begins, ends, writes. Text in, facts out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.services.statements import divided

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["begin", "commit", "rollback", "savepoint", "rollback to", "temporary", "write"]

_OPAQUE = re.compile(
    r"--[^\n]*|/\*.*?\*/|\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'"
    r"|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$|;",
    re.DOTALL,
)
_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*", re.DOTALL)
_NAME = r"((?:\"(?:[^\"]|\"\")*\"|[\w$]+)(?:\s*\.\s*(?:\"(?:[^\"]|\"\")*\"|[\w$]+))*)"
_WORD = re.compile(r"[A-Za-z]+")
_TRANSACTION = re.compile(
    r"(?P<commit>COMMIT|END|PREPARE\s+TRANSACTION)\b(?!\s+PREPARED)"
    r"|(?P<begin>BEGIN|START\s+TRANSACTION)\b"
    rf"|(?:ROLLBACK|ABORT)\s+(?:(?:WORK|TRANSACTION)\s+)?TO\s+(?:SAVEPOINT\s+)?(?P<back>{_NAME})"
    r"|(?P<rollback>ROLLBACK|ABORT)\b(?!\s+PREPARED)"
    rf"|SAVEPOINT\s+(?P<savepoint>{_NAME})",
    re.IGNORECASE,
)
_TEMPORARY = re.compile(
    rf"CREATE\s+(?:(?:GLOBAL|LOCAL)\s+)?TEMP(?:ORARY)?\s+(?:TABLE|VIEW|SEQUENCE)\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}"
    rf"|SELECT\b.*?\bINTO\s+(?:TEMP|TEMPORARY)\s+(?:TABLE\s+)?{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
_TARGET = re.compile(
    r"(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|MERGE\s+INTO(?:\s+ONLY)?"
    r"|TRUNCATE(?:\s+TABLE)?(?:\s+ONLY)?|COPY|(?:DROP|ALTER)\s+TABLE(?:\s+IF\s+EXISTS)?(?:\s+ONLY)?"
    rf"|CREATE\b[^(]*?\bINDEX\b.*?\bON(?:\s+ONLY)?)\s+{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
_WRITES = {
    *("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "COMMENT"),
    *("GRANT", "REVOKE", "REFRESH", "IMPORT", "REASSIGN", "SECURITY", "CALL"),
}
_CHANGES = re.compile(
    r"\b(INSERT|(?<!FOR )(?<!FOR NO KEY )UPDATE|DELETE|MERGE|CREATE|ALTER|DROP|TRUNCATE)\b",
    re.IGNORECASE,
)
_INTO = re.compile(r"\bINTO\b", re.IGNORECASE)
_OUT = re.compile(r"\bTO\s+(?:STDOUT|PROGRAM\b|')", re.IGNORECASE)
_HEAD = 20_000
"""Characters of a statement that are looked at: its verb and target are at its beginning."""


@dataclass(frozen=True)
class Effect:
    """What one statement does.

    Attributes:
        kind: Its part in a transaction; ``temporary`` makes a table that is lost on purpose.
        name: The savepoint or the table, in lower case unless quoted; for ``commit`` and
            ``rollback`` the word ``chain`` where a new transaction follows at once.
        verb: The statement's first words, for a reader.
    """

    kind: Kind
    name: str = ""
    verb: str = ""


def split(text: str) -> Iterator[str]:
    """The single statements of a text, without their semicolons."""
    return divided(text, opaque=_OPAQUE)


def effect(statement: str) -> Effect | None:
    """What a statement does to its session, or None where it only reads."""
    begin = _LEADING.match(statement)
    text = statement[begin.end() if begin else 0 :][:_HEAD]
    word = _WORD.match(text)
    if word is None:
        return None
    control = _TRANSACTION.match(text)
    if control is not None:
        return _control(control, text)
    verb = word[0].upper()
    temporary = _TEMPORARY.match(text)
    if temporary is not None:
        return Effect("temporary", _plain(temporary[1] or temporary[2]))
    if not _is_write(verb, text):
        return None
    target = _TARGET.match(text) if verb != "WITH" else None
    words = " ".join(_WORD.findall(text[:40])[:2]).upper() if verb in {"CREATE", "DROP"} else verb
    return Effect("write", _plain(target[1]) if target else "", words)


def _control(match: re.Match[str], text: str) -> Effect:
    chain = "chain" if re.search(r"AND\s+CHAIN\b", text, re.IGNORECASE) else ""
    if match["commit"]:
        return Effect("commit", chain)
    if match["begin"]:
        return Effect("begin")
    if match["back"]:
        return Effect("rollback to", _plain(match["back"]))
    if match["savepoint"]:
        return Effect("savepoint", _plain(match["savepoint"]))
    return Effect("rollback", chain)


def _is_write(verb: str, text: str) -> bool:
    if verb in _WRITES:
        return True
    if verb == "COPY":
        return not _OUT.search(_OPAQUE.sub(_kept_quote, text))
    if verb == "DO":
        return bool(_CHANGES.search(text))
    bare = _OPAQUE.sub(" ", text)
    if verb == "WITH":
        return bool(_CHANGES.search(bare) or _INTO.search(bare))
    return verb == "SELECT" and bool(_INTO.search(bare))


def _kept_quote(match: re.Match[str]) -> str:
    """Keep what shows that a quoted file name was there, and nothing of its content."""
    return "''" if match[0].startswith("'") else " "


def _plain(name: str) -> str:
    """A name without its schema and quotes, folded as PostgreSQL folds it."""
    last: str = re.findall(r"\"(?:[^\"]|\"\")*\"|[\w$]+", name)[-1]
    return last[1:-1].replace('""', '"') if last.startswith('"') else last.lower()
