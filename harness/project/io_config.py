"""io_config.yaml, led to the private services and otherwise left as the author wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from harness.errors import ProjectError
from harness.project.io_keys import NESTED, SECTIONS, family
from harness.project.templates import Hidden, hide

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME = "io_config.yaml"
_STRING = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_INLINE_KEY = "GOOGLE_SERVICE_ACC_KEY"
_KEY_FILE = "GOOGLE_SERVICE_ACC_KEY_FILEPATH"
_KEPT = 8
"""Texts that are read once for all runs and blocks that ask: YAML in pure Python takes long."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One value of a profile.

    Attributes:
        profile: The profile's name.
        key: The key, in Mage's flat form where there is one.
        family: The service that the key belongs to, such as ``POSTGRES``.
        text: The value as written, with its Jinja.
        line: The key's line in the file.
    """

    profile: str
    key: str
    family: str
    text: str
    line: int


def overlay(text: str, values: Mapping[str, str]) -> str:
    """Replace the addresses and credentials of every profile.

    A key that a profile has is replaced. A key that it has not is added where the profile has
    another of the same service. An inline service-account key is taken out, because Mage prefers
    it to a key file. Everything else stays word for word, Jinja included; comments go.

    Args:
        text: The content of io_config.yaml.
        values: Keys of Mage's flat form, such as ``POSTGRES_HOST``, and their values.

    Raises:
        ProjectError: The text is not YAML around valid Jinja.
    """
    return _overlaid(text, tuple(values.items()))


@lru_cache(_KEPT)
def _overlaid(text: str, given: tuple[tuple[str, str], ...]) -> str:
    hidden = hide(text, name=NAME)
    root = _compose(hidden)
    if root is None:
        return text
    values = dict(given)
    for _, profile in _profiles(root):
        _overlay_flat(profile, values)
        _overlay_nested(profile, values)
    yaml = _yaml()
    stream = StringIO()
    yaml.serialize(root, stream)
    head = f"{hidden.head}\n" if hidden.head else ""
    return head + hidden.restore(stream.getvalue())


def minimal(profiles: Iterable[str], values: Mapping[str, str]) -> str:
    """An io_config.yaml for a project whose own was never published.

    Args:
        profiles: The profiles that the blocks name.
        values: Keys and values, the same in each profile.
    """
    stream = StringIO()
    yaml = _yaml()
    yaml.dump({name: dict(values) for name in profiles}, stream)
    return stream.getvalue()


def entries(text: str, *, replaced: Mapping[str, str] | None = None) -> tuple[Entry, ...]:
    """The values of all profiles.

    Args:
        text: The content of io_config.yaml.
        replaced: The values of an overlay; what it replaces or takes out is left out.

    Raises:
        ProjectError: The text is not YAML around valid Jinja.
    """
    gone = {*(replaced or ())}
    if _KEY_FILE in gone:
        gone.add(_INLINE_KEY)
    return _entries(text, frozenset(gone))


@lru_cache(_KEPT)
def _entries(text: str, gone: frozenset[str]) -> tuple[Entry, ...]:
    hidden = hide(text, name=NAME)
    root = _compose(hidden)
    found: list[Entry] = []
    for name, profile in _profiles(root) if root is not None else ():
        for path, key_node, value in _leaves(profile, ()):
            key = next((flat for flat, nested in NESTED.items() if nested == path), "/".join(path))
            owner = SECTIONS.get(path[0]) or family(path[0])
            if not ({key, path[0]} & gone):
                line = hidden.line(key_node.start_mark.line + 1)
                written = hidden.restore(value.value)
                found.append(Entry(profile=name, key=key, family=owner, text=written, line=line))
    return tuple(found)


def profile_names(text: str) -> list[str]:
    """The names of all profiles, in order.

    Raises:
        ProjectError: The text is not YAML around valid Jinja.
    """
    return list(_names(text))


@lru_cache(_KEPT)
def _names(text: str) -> tuple[str, ...]:
    root = _compose(hide(text, name=NAME))
    return () if root is None else tuple(name for name, _ in _profiles(root))


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.width = 1_000_000
    yaml.default_flow_style = False
    return yaml


def _compose(hidden: Hidden) -> MappingNode | None:
    try:
        root = _yaml().compose(hidden.text)
    except (YAMLError, ValueError, RecursionError, AttributeError, LookupError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{NAME}:{hidden.line(mark.line + 1)}" if mark else NAME
        raise ProjectError(
            f"{place}: the file is not valid YAML",
            cause=str(getattr(error, "problem", None) or "it cannot be parsed"),
            remedy="mend that line: check its indentation, its colon and its quotes",
        ) from error
    if root is None or (isinstance(root, ScalarNode) and not root.value):
        return None
    if not isinstance(root, MappingNode):
        raise ProjectError(
            f"{NAME}:1: the file must be a mapping of profiles",
            remedy="write `default:` with the keys indented below it",
        )
    for key, value in root.value:
        empty = isinstance(value, ScalarNode) and value.tag == "tag:yaml.org,2002:null"
        if key.value != "version" and not isinstance(value, MappingNode) and not empty:
            raise ProjectError(
                f"{NAME}:{hidden.line(key.start_mark.line + 1)}: the profile {key.value} is not a "
                "mapping",
                cause="Mage stops with an AttributeError when it looks for a key of it",
                remedy=f"write `{key.value}:` with its keys indented below it",
            )
    return root


def _profiles(root: MappingNode) -> list[tuple[str, MappingNode]]:
    return [
        (key.value, value)
        for key, value in root.value
        if isinstance(key, ScalarNode) and isinstance(value, MappingNode)
    ]


def _keys(profile: MappingNode) -> dict[str, Node]:
    """The profile's keys, those of `<<` included."""
    found: dict[str, Node] = {}
    ahead, seen = [profile], {id(profile)}
    while ahead:
        for key, value in ahead.pop().value:
            if key.tag == _MERGE:
                bases = [value] if isinstance(value, MappingNode) else value.value
                for base in bases:
                    if isinstance(base, MappingNode) and id(base) not in seen:
                        seen.add(id(base))
                        ahead.append(base)
            elif isinstance(key, ScalarNode):
                found.setdefault(key.value, value)
    return found


def _overlay_flat(profile: MappingNode, values: dict[str, str]) -> None:
    present = _keys(profile)
    families = {family(key) for key in present}
    wanted = {key: value for key, value in values.items() if family(key) in families}
    if "POSTGRES_HOST" in wanted and "POSTGRES_CONNECTION_METHOD" in present:
        # The author's tunnel does not lead to the private server.
        wanted.setdefault("POSTGRES_CONNECTION_METHOD", "direct")
    if _KEY_FILE in wanted:
        _remove(profile, _INLINE_KEY)
    _put(profile, wanted)


def _overlay_nested(profile: MappingNode, values: dict[str, str]) -> None:
    present = _keys(profile)
    for section in {path[0] for path in NESTED.values()} & present.keys():
        node = present[section]
        if isinstance(node, MappingNode):
            wanted = {
                path[1]: values[key]
                for key, path in NESTED.items()
                if path[0] == section and key in values
            }
            if NESTED[_KEY_FILE][1] in wanted:
                _remove(node, NESTED[_INLINE_KEY][1])
            _put(node, wanted)


def _remove(mapping: MappingNode, key: str) -> None:
    mapping.value = [pair for pair in mapping.value if pair[0].value != key]


def _put(mapping: MappingNode, wanted: dict[str, str]) -> None:
    pairs, put = [], set()
    for key, value in mapping.value:
        if isinstance(key, ScalarNode) and key.value in wanted:
            put.add(key.value)
            pairs.append((key, _text(wanted[key.value])))
        else:
            pairs.append((key, value))
    pairs += [(_text(key, style=None), _text(wanted[key])) for key in wanted if key not in put]
    mapping.value = pairs


def _text(value: str, *, style: str | None = '"') -> ScalarNode:
    return ScalarNode(_STRING, value, style=style)


def _leaves(
    mapping: MappingNode, above: tuple[str, ...]
) -> list[tuple[tuple[str, ...], ScalarNode, ScalarNode]]:
    found: list[tuple[tuple[str, ...], ScalarNode, ScalarNode]] = []
    for key, value in mapping.value:
        if not isinstance(key, ScalarNode) or len(above) > len(NESTED):
            continue
        path = (*above, key.value)
        if isinstance(value, ScalarNode):
            found.append((path, key, value))
        elif isinstance(value, MappingNode):
            found.extend(_leaves(value, path))
    return found
