"""What a statement of MySQL does to its session: begins, ends, writes. Text in, facts out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.services.statements import divided

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal[
    "begin",
    "commit",
    "rollback",
    "savepoint",
    "rollback to",
    "at once",
    "by hand",
    "temporary",
    "write",
]

_OPAQUE = re.compile(
    r"--\s[^\n]*|#[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`|;",
    re.DOTALL,
)
_LEADING = re.compile(r"(?:\s+|--\s[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|/\*(?!!).*?\*/|\()*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")
_NAME = r"((?:`(?:[^`]|``)*`|[\w$]+)(?:\s*\.\s*(?:`(?:[^`]|``)*`|[\w$]+))?)"
_CONTROL = re.compile(
    r"(?P<commit>COMMIT)\b"
    r"|(?P<begin>BEGIN|START\s+TRANSACTION)\b"
    rf"|ROLLBACK\s+(?:WORK\s+)?TO\s+(?:SAVEPOINT\s+)?(?P<back>{_NAME})"
    r"|(?P<rollback>ROLLBACK)\b"
    rf"|SAVEPOINT\s+(?P<savepoint>{_NAME})"
    r"|SET\s+(?:(?:SESSION|LOCAL)\s+|@@(?:SESSION\.|LOCAL\.)?)?AUTOCOMMIT\s*:?=\s*'?(?P<self>\w+)",
    re.IGNORECASE,
)
_TEMPORARY = re.compile(
    rf"CREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"(?:(?:INSERT|REPLACE)\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\s+)*(?:INTO\s+)?"
    r"|UPDATE\s+(?:(?:LOW_PRIORITY|IGNORE)\s+)*"
    r"|DELETE\s+(?:(?:LOW_PRIORITY|QUICK|IGNORE)\s+)*FROM\s+"
    rf"|LOAD\s+(?:DATA|XML)\b.*?\bINTO\s+TABLE\s+){_NAME}",
    re.IGNORECASE | re.DOTALL,
)
_WRITES = {"INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "CALL"}
# https://mariadb.com/docs/server/reference/sql-statements/transactions/sql-statements-that-cause-an-implicit-commit
_AT_ONCE = {
    *("ALTER", "ANALYZE", "CREATE", "DROP", "FLUSH", "GRANT", "INSTALL", "LOCK", "OPTIMIZE"),
    *("RENAME", "REPAIR", "REVOKE", "TRUNCATE", "UNINSTALL"),
}
_CHANGES = re.compile(r"\b(INSERT\s+INTO|UPDATE|DELETE)\b", re.IGNORECASE)
_OFF = {"0", "OFF", "FALSE"}


@dataclass(frozen=True)
class Effect:
    """What one statement does.

    Attributes:
        kind: Its part in a transaction. ``at once`` commits what came before it and itself,
            ``by hand`` has statements wait for a commit from now on, ``temporary`` makes a table
            that is lost on purpose.
        name: The savepoint or the table, in lower case.
        verb: The statement's first word, for a reader.
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
    text = statement[begin.end() if begin else 0 :]
    word = _WORD.match(text)
    if word is None:
        return None
    control = _CONTROL.match(text)
    if control is not None:
        return _control(control)
    temporary = _TEMPORARY.match(text)
    if temporary is not None:
        return Effect("temporary", _plain(temporary[1]))
    verb = word[0].upper()
    if verb in _AT_ONCE:
        dropped = re.match(r"DROP\s+TEMPORARY\b", text, re.IGNORECASE)
        return None if dropped else Effect("at once")
    if verb in _WRITES or (verb == "WITH" and _CHANGES.search(_OPAQUE.sub(" ", text))):
        target = _TARGET.match(text)
        return Effect("write", _plain(target[1]) if target else "", verb)
    return None


def _control(match: re.Match[str]) -> Effect:
    if match["commit"]:
        return Effect("commit")
    if match["begin"]:
        return Effect("begin")
    if match["back"]:
        return Effect("rollback to", _plain(match["back"]))
    if match["rollback"]:
        return Effect("rollback")
    if match["savepoint"]:
        return Effect("savepoint", _plain(match["savepoint"]))
    return Effect("by hand" if match["self"].upper() in _OFF else "commit", "itself")


def _plain(name: str) -> str:
    return name.replace("`", "").replace(" ", "").lower()
