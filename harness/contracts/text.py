"""A contract as text that people review: a stable order, a line a column, comments kept."""

from __future__ import annotations

import difflib
import io
import json
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from harness.contracts.reader import parse_document, plain
from harness.contracts.schema import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.contracts.mistakes import Way

_WIDTH = 100
_INDENT = 6
_HEAD = f"""\
# yaml-language-server: $schema={FILE_NAME}
# What the pipeline leaves behind. What is not here is not checked: see docs/contracts.md.
"""
# Names that stand in the file as they are; all other texts are values, and are quoted.
_BARE = {"type", "pipeline"}


def new_text(contract: Mapping[str, Any]) -> str:
    """A contract that was not there before.

    Args:
        contract: What it says.
    """
    return _HEAD + dumped(as_tree(contract))


def merged(tree: CommentedMap, contract: Mapping[str, Any]) -> None:
    """Have a tree say what a contract says, in its order; what says so already is not touched.

    Args:
        tree: What was there; its comments stay where their parts do.
        contract: What it shall say.
    """
    _merge(tree, contract, ())


def dumped(tree: CommentedMap) -> str:
    """A tree's text."""
    yaml = YAML()
    # What is longer yet, such as a list of texts, is wrapped; a little more is let be.
    yaml.width = _WIDTH + _INDENT
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(tree, stream)
    return stream.getvalue()


def as_tree(part: Any, *, way: Way = ()) -> Any:
    """Plain data as it is to be laid out.

    Args:
        part: The data.
        way: Keys that lead to it in the contract.
    """
    if isinstance(part, str):
        return part if way and way[-1] in _BARE else DoubleQuotedScalarString(part)
    if isinstance(part, dict):
        tree = CommentedMap(
            (name, as_tree(value, way=(*way, name))) for name, value in part.items()
        )
        if _in_a_line(part, way):
            tree.fa.set_flow_style()
        return tree
    if isinstance(part, list):
        sequence = CommentedSeq(as_tree(one, way=way) for one in part)
        sequence.fa.set_flow_style()
        return sequence
    return part


def difference(before: str, after: str, *, file: str) -> list[str]:
    """The lines of a unified difference, or none.

    Args:
        before: The text that is there.
        after: The text that would be.
        file: The file, for the heading.
    """
    return list(
        difflib.unified_diff(
            before.splitlines(),
            after.splitlines(),
            f"{file} (now)" if before else "(not there)",
            f"{file} (new)",
            lineterm="",
        )
    )


def require_readable(text: str, contract: Mapping[str, Any], *, file: Path) -> None:
    """Make sure that a text says what it was made to say, whatever the names in it.

    Raises:
        ValueError: It does not, which is a fault of the harness.
    """
    if plain(parse_document(text, file=file).tree, file=file) != contract:
        raise ValueError(f"the text for {file} does not say what it should")


def _in_a_line(part: dict[str, Any], way: Way) -> bool:
    """Columns, limits and keys stand in a line, if that is not too long."""
    inner = way[2:]  # of service and sink
    if not inner or inner in (("columns",), ("partitions",), ("partitions", "ids")):
        return False
    return _INDENT + len(f"{way[-1]}: {json.dumps(part, default=str)}") <= _WIDTH


def _merge(tree: CommentedMap, contract: Mapping[str, Any], way: Way) -> None:
    for name in [name for name in tree if name not in contract]:
        del tree[name]
    for at, (name, value) in enumerate(contract.items()):
        inner = (*way, name)
        if name not in tree:
            tree.insert(at, name, as_tree(value, way=inner))
        elif isinstance(value, dict) and isinstance(tree[name], CommentedMap):
            _merge(tree[name], value, inner)
        elif not _same(tree[name], value):
            tree[name] = as_tree(value, way=inner)
    if list(tree) != list(contract):
        for name in contract:
            tree.move_to_end(name)


def _same(one: Any, other: Any) -> bool:
    """Whether two values are written alike; to Python, 1 is True and 0.0 is -0.0."""
    return json.dumps(one, default=str) == json.dumps(other, default=str)
