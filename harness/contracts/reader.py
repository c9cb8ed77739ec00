"""From a contract's text to what it says, with the line of each part; mistakes name theirs."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from harness.contracts.mistakes import explained, line_of
from harness.contracts.model import Contract
from harness.contracts.store import shown
from harness.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_CONFLICT = re.compile(r"^(<{7}|\|{7}|={7}|>{7})( .*)?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A contract as it is written.

    Attributes:
        file: Where it is.
        text: Its text.
        tree: The text as ruamel.yaml keeps it, with comments and places.
        contract: What it says.
    """

    file: Path
    text: str
    tree: CommentedMap
    contract: Contract

    def line(self, *way: str | int) -> int:
        """The line of a part, counted from 1; of the nearest part around it where it is not there.

        Args:
            way: Keys and indexes that lead to it.
        """
        return line_of(self.tree, way)


def read_document(file: Path) -> Document:
    """Read a contract.

    Raises:
        InputError: It is not there, is not YAML, or says what no contract can say; all mistakes
            are named, each with its line.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError as error:
        raise InputError(
            f"there is no contract {shown(file)}",
            remedy=f"write it: mage-harness contract write {file.stem}",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the contract {shown(file)} cannot be read",
            cause=str(error),
            remedy="save it as UTF-8 text that you may read",
        ) from error
    return parse_document(text, file=file)


def parse_document(text: str, *, file: Path) -> Document:
    """Take a text for a contract.

    Args:
        text: The text.
        file: Where it is, for messages.

    Raises:
        InputError: It is not YAML, or says what no contract can say.
    """
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        raise InputError(
            f"{shown(file)}:{line}: a conflict of a merge is not resolved",
            evidence=[conflict[0]],
            remedy="keep one of the sides, or delete the file and write it anew: "
            f"mage-harness contract write {file.stem}",
        )
    tree = _parsed(text, file)
    if not isinstance(tree, CommentedMap):
        raise InputError(
            f"{shown(file)}:1: a contract is a mapping of names to values",
            remedy=f"delete it and write it anew: mage-harness contract write {file.stem}",
        )
    try:
        contract = Contract.model_validate(plain(tree, file=file))
    except ValidationError as error:
        raise explained(error.errors(), tree, file) from error
    return Document(file=file, text=text, tree=tree, contract=contract)


def plain(tree: CommentedMap, *, file: Path) -> Any:
    """A tree as plain data; moments, which YAML knows and JSON does not, as text.

    Raises:
        InputError: A name is no text, or a part stands for another one too.
    """
    return _plain(tree, file, set())


def _plain(part: Any, file: Path, seen: set[int]) -> Any:
    if isinstance(part, CommentedMap | CommentedSeq):
        if id(part) in seen:
            raise InputError(
                f"{shown(file)}:{part.lc.line + 1}: an alias stands for this part",
                cause="a contract is brought up to date part by part",
                remedy="write it out in both places",
            )
        seen.add(id(part))
    if isinstance(part, dict):
        for name in part:
            if not isinstance(name, str):
                raise InputError(
                    f"{shown(file)}:{line_of(part, (name,))}: {name!r} stands where a name is"
                    " needed",
                    remedy="put quotes around it",
                )
        return {name: _plain(value, file, seen) for name, value in part.items()}
    if isinstance(part, list):
        return [_plain(one, file, seen) for one in part]
    if isinstance(part, dt.date):
        return str(part)
    for kind in (bool, int, float, str):
        if isinstance(part, kind):
            return kind(part)
    return part


def _parsed(text: str, file: Path) -> Any:
    yaml = YAML()
    yaml.preserve_quotes = True
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        raise _malformed(error, text, file) from error
    except RecursionError as error:
        raise InputError(
            f"the contract {shown(file)} is nested too deeply to be read",
            remedy=f"delete it and write it anew: mage-harness contract write {file.stem}",
        ) from error
    except (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError) as error:
        # The parser lets some of its inner errors through on text that is not YAML.
        raise InputError(
            f"the contract {shown(file)} is not valid YAML",
            cause=" ".join(str(error).split())[:300],
            remedy="mend or remove that part",
        ) from error


def _malformed(error: MarkedYAMLError, text: str, file: Path) -> InputError:
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    line = 0 if mark is None else min(mark.line, max(len(lines) - 1, 0))
    written = lines[line] if lines else ""
    remedy = "mend that line: its indentation, its colon and its quotes"
    if "\t" in written:
        remedy = "use spaces instead of the tab at that line"
    elif "duplicate key" in str(error.problem):
        remedy = "keep one of the two"
    parts = (str(part).partition("\n")[0] for part in (error.context, error.problem) if part)
    return InputError(
        f"{shown(file)}:{line + 1}: the contract is not valid YAML",
        cause=" ".join(", ".join(parts).split()),
        evidence=[written.strip()[:120]] if written.strip() else [],
        remedy=remedy,
    )
