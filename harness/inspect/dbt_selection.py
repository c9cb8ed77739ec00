"""Which models, seeds and snapshots a command of dbt makes, as far as its arguments say it."""

from __future__ import annotations

import re
import shlex
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from harness.inspect.dbt_nodes import Node

_SELECT = frozenset({"--select", "-s", "--models", "--model", "-m"})
_EXCLUDE = frozenset({"--exclude"})
_SEEN_METHODS = ("path", "file", "fqn")
_GRAPH = re.compile(r"(?P<above>@|\d*\+)?(?P<name>.*?)(?P<below>\+\d*)?")
_RUN_BY = {
    "run": {"model"},
    "seed": {"seed"},
    "snapshot": {"snapshot"},
    "build": {"model", "seed", "snapshot"},
}


def selected(nodes: Mapping[str, Node], arguments: str, *, command: str) -> list[Node]:
    """The nodes that a command makes; more rather than fewer, where that cannot be seen.

    Args:
        nodes: All nodes, by name.
        arguments: What stands behind the command.
        command: dbt's command.
    """
    kinds = _RUN_BY.get(command, set())
    try:
        words = shlex.split(arguments, comments=True)
    except ValueError:
        words = []
    wanted = _matching(nodes, words, _SELECT)
    without = _matching(nodes, words, _EXCLUDE) or set()
    return [
        node
        for name, node in nodes.items()
        if node.kind in kinds and name not in without and (wanted is None or name in wanted)
    ]


def _matching(
    nodes: Mapping[str, Node], words: Sequence[str], options: frozenset[str]
) -> set[str] | None:
    """The names that an option's values match; None where it is not there."""
    found: set[str] | None = None
    within = False
    for word in words:
        option, _, value = word.partition("=")
        if word.startswith("-"):
            within = option in options
            word = value  # noqa: PLW2901 - the value of an option that has it in one word
        if within and word:
            found = (found or set()) | set(
                _matched(nodes, word.partition(",")[0], unseen=options is _SELECT)
            )
        elif within:
            found = found or set()
    return found


def _matched(nodes: Mapping[str, Node], word: str, *, unseen: bool) -> Iterator[str]:
    graph = _GRAPH.fullmatch(word)
    name = graph["name"] if graph else word
    method, colon, value = name.partition(":")
    if colon and method not in _SEEN_METHODS:
        yield from nodes if unseen else ()
        return
    own = {one for one, node in nodes.items() if _is_named(node, value if colon else name)}
    yield from own
    if graph and graph["above"]:
        yield from _around(nodes, own, lambda one: set(nodes[one].refs))
    if graph and (graph["below"] or graph["above"] == "@"):
        yield from _around(
            nodes, own, lambda one: {other for other, node in nodes.items() if one in node.refs}
        )


def _around(
    nodes: Mapping[str, Node], own: set[str], beside: Callable[[str], set[str]]
) -> set[str]:
    seen, ahead = set(own), list(own)
    while ahead:
        for name in beside(ahead.pop()) - seen:
            if name in nodes:
                seen.add(name)
                ahead.append(name)
    return seen


def _is_named(node: Node, name: str) -> bool:
    path = node.file.as_posix()
    return (
        fnmatchcase(node.name, name)
        or name in node.parts
        or f"{'.'.join(node.parts)}.".startswith(f"{name}.")
        or ("/" in name and f"/{name.rstrip('/*')}" in f"/{path}")
        or path.rpartition("/")[2] == name
    )
