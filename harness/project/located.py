"""YAML as plain data, with the line that each value stands on.

Mage reads with PyYAML, so the rules here are PyYAML's: YAML 1.1 scalars, and of two equal keys the
last one counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

# A file that grows past this by its aliases is not a pipeline.
_MOST_NODES = 200_000
_FLOAT = "tag:yaml.org,2002:float"
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, kw_only=True)
class Located:
    """The content of a YAML file.

    Attributes:
        data: Mappings, lists and scalars; None for an empty file.
        lines: For the path of keys and indexes to a value, the line of its key (or of the list
            item), counted from 1.
    """

    data: Any
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def line(self, *path: str | int) -> int:
        """The line of a value, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_text(file: Path, *, shown: Path | None = None) -> str:
    """The text of a file of the project.

    Args:
        file: The file.
        shown: The name to use in a message; the file itself if not given.

    Raises:
        ProjectError: The file cannot be read or is not UTF-8.
    """
    shown = shown or file
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        raise ProjectError(
            f"{shown} is not UTF-8 text",
            cause=f"byte 0x{error.object[error.start]:02x} at line {line}: {error.reason}",
            remedy="save the file as UTF-8; Mage reads it so too",
        ) from error
    except OSError as error:
        raise ProjectError(
            f"{shown} cannot be read",
            cause=str(error.strerror or error),
            remedy="check that it is a file and who may read it",
        ) from error


def parse_yaml(text: str, *, name: str) -> Located:
    """Parse YAML text.

    Args:
        text: The text.
        name: The file's name, for messages.

    Raises:
        ProjectError: The text is not YAML; the message has line and column.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 1)
    try:
        node = yaml.compose(text)
        lines: dict[tuple[str | int, ...], int] = {}
        data = _Builder(yaml=yaml, name=name, lines=lines).build(node, ())
    except MarkedYAMLError as error:
        raise _malformed(error, name=name, text=text) from error
    except RecursionError as error:
        raise ProjectError(
            f"{name} is nested too deeply to be read", remedy="flatten the file"
        ) from error
    except (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError) as error:
        # The parser lets some of its inner errors through on text that is not YAML.
        raise ProjectError(
            f"{name} is not valid YAML", cause=_one_line(error), remedy="mend or remove that part"
        ) from error
    return Located(data=data, lines=lines)


class _Builder:
    def __init__(self, *, yaml: YAML, name: str, lines: dict[tuple[str | int, ...], int]) -> None:
        self._yaml = yaml
        self._name = name
        self._lines = lines
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: Node | None, path: tuple[str | int, ...]) -> Any:
        if node is None:
            return None
        self._count += 1
        if id(node) in self._open or self._count > _MOST_NODES:
            raise ProjectError(
                f"{self._name}:{node.start_mark.line + 1}: an alias makes the file endless",
                remedy="write the value out instead of using the alias",
            )
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        self._open.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return [self.build(item, (*path, i)) for i, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: Node, path: tuple[str | int, ...]) -> dict[Any, Any]:
        merged: dict[Any, Any] = {}
        own: dict[Any, Any] = {}
        pairs = node.value if isinstance(node, MappingNode) else ()
        for key_node, value_node in pairs:
            if key_node.tag == _MERGE:
                parts = self.build(value_node, (*path, "<<"))
                for part in parts if isinstance(parts, list) else [parts]:
                    if isinstance(part, dict):
                        merged = {**part, **merged}
                continue
            key = self.build(key_node, (*path, "<key>"))
            if isinstance(key, list | dict):
                raise ProjectError(
                    f"{self._name}:{key_node.start_mark.line + 1}: a list or mapping is used as a "
                    "key",
                    remedy="use a plain word as the key; text with {{ }} needs quotes around it",
                )
            self._lines[(*path, str(key))] = key_node.start_mark.line + 1
            own[key] = self.build(value_node, (*path, str(key)))
        return {**merged, **own}

    def _scalar(self, node: ScalarNode) -> Any:
        if node.tag == _FLOAT and not set(node.value) & {".", ":"}:
            return node.value  # PyYAML takes `1e3` for text
        try:
            return self._yaml.constructor.construct_object(node, deep=True)
        except MarkedYAMLError as error:
            if "could not determine a constructor" in str(error.problem):
                # Mage's own loader knows tags such as !!python/tuple; as text they do no harm.
                return node.value
            raise
        except (ValueError, TypeError, AttributeError, LookupError, AssertionError) as error:
            raise ProjectError(
                f"{self._name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}: "
                f"{node.value[:60]!r} is not a value that YAML can read",
                cause=_one_line(error),
                remedy="put quotes around it if it is meant as text",
            ) from error


def _malformed(error: MarkedYAMLError, *, name: str, text: str) -> ProjectError:
    mark = error.problem_mark or error.context_mark
    place, evidence = name, []
    if mark is not None:
        place = f"{name}:{mark.line + 1}:{mark.column + 1}"
        rows = text.splitlines()
        evidence = [rows[mark.line].rstrip()[:120]] if mark.line < len(rows) else []
    reason = ", ".join(str(part) for part in (error.context, error.problem) if part)
    remedy = "mend that line: check its indentation, its colon and its quotes"
    if "\t" in "".join(evidence):
        remedy = "use spaces instead of the tab at that line"
    elif "{{" in "".join(evidence):
        remedy = "put quotes around the value with {{ }}"
    return ProjectError(
        f"{place}: the file is not valid YAML",
        cause=_one_line(reason),
        evidence=evidence,
        remedy=remedy,
    )


def _one_line(thing: object) -> str:
    return " ".join(str(thing).split())[:300]
