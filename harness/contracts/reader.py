"""From a contract's text to what it says, with the line of each part; mistakes name theirs."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from harness.contracts import model
from harness.contracts.model import Contract
from harness.contracts.store import shown
from harness.errors import InputError
from harness.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

Way = tuple[str | int, ...]

_CONFLICT = re.compile(r"^(<{7}|\|{7}|={7}|>{7})( .*)?$", re.MULTILINE)
_MOST_ERRORS = 20


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
        return _line(self.tree, way)


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
            remedy="keep one of the sides, or write it anew: "
            f"mage-harness contract write {file.stem}",
        )
    tree = _parsed(text, file)
    if not isinstance(tree, CommentedMap):
        raise InputError(
            f"{shown(file)}:1: a contract is a mapping of names to values",
            remedy=f"write it: mage-harness contract write {file.stem}",
        )
    try:
        contract = Contract.model_validate(plain(tree, file=file))
    except ValidationError as error:
        raise _explained(error.errors(), tree, file) from error
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
                    f"{shown(file)}:{_line(part, (name,))}: {name!r} stands where a name is needed",
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
            remedy=f"write it anew: mage-harness contract write {file.stem}",
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


def _explained(errors: Sequence[ErrorDetails], tree: CommentedMap, file: Path) -> InputError:
    """All mistakes at once; of the forms that a value may have, one line tells."""
    found: dict[tuple[int, str], list[str]] = {}
    for error in errors:
        way, names = _way(tree, error["loc"])
        place = " ".join(str(part) for part in way) or "the file"
        if error["type"] == "extra_forbidden":
            near = meant(str(way[-1]), names)
            reason = "no contract says this" + (f"; did you mean {near}?" if near else "")
        elif error["type"] == "missing" and isinstance(error["loc"][-1], str):
            reason = f"{error['loc'][-1]} is missing"
        else:
            reason = error["msg"].removeprefix("Value error, ")
        found.setdefault((_line(tree, way), place), []).append(reason)
    lines = [
        f"{shown(file)}:{line}: {place}: {' or '.join(dict.fromkeys(reasons))}"
        for (line, place), reasons in sorted(found.items())
    ]
    first, *others = lines
    return InputError(
        first,
        evidence=[*others[:_MOST_ERRORS], *_more(len(others))],
        remedy="correct it; docs/contracts.md says what a contract can say",
    )


def _more(number: int) -> list[str]:
    return [f"and {number - _MOST_ERRORS} more"] if number > _MOST_ERRORS else []


def _way(tree: Any, place: Iterable[str | int]) -> tuple[Way, list[str]]:
    """Pydantic's place of an error as a way in the tree, and the names that are known there.

    The place also names the form of a value that was tried, which is not in the tree.
    """
    way: list[str | int] = []
    node = tree
    for step in place:
        known = isinstance(node, dict) and step in node
        listed = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if known or listed:
            way.append(step)
            node = node[step]
    return tuple(way), _names(way[:-1])


def _names(way: Sequence[str | int]) -> list[str]:
    """The names that are known within a part, by its depth: the model is no deeper than it."""
    part: type[BaseModel] = Contract
    if len(way) > 1:
        part = model.SinkRule
    if len(way) > 2:  # noqa: PLR2004 - service, sink, part
        parts: dict[str | int, type[BaseModel]] = {
            "key": model.KeyRule,
            "partitions": model.PartitionsRule,
            "columns": model.ColumnRule,
            "rows": model.Limits,
        }
        part = parts.get(way[2], model.Limits)
    if (len(way) > 4 and way[2] == "columns") or (len(way) > 3 and way[2] == "partitions"):  # noqa: PLR2004
        return [*model.Limits.model_fields, *model.Share.model_fields]
    return list(part.model_fields)


def _line(tree: Any, way: Sequence[Any]) -> int:
    line = 1
    node = tree
    for step in way:
        try:
            if isinstance(node, CommentedMap):
                line = node.lc.key(step)[0] + 1
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(step)[0] + 1
            node = node[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line
