"""What a Python file uses of io_config.yaml, as far as its text says it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.io_keys import MODULES
from harness.project.syntax import of_each_text

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True)
class FileUse:
    """What one file uses.

    Attributes:
        imported: The modules that it imports, or may import, by dotted names.
        families: The families of keys that the clients of Mage need which it imports.
        profiles: The profile of each loader of io_config.yaml; None where it is computed.
        literals: The values that it spells out, as texts; only where a profile is computed.
    """

    imported: tuple[str, ...]
    families: frozenset[str]
    profiles: tuple[str | None, ...]
    literals: frozenset[str]


@of_each_text
def file_use(tree: ast.Module) -> tuple[FileUse]:
    """What a file uses, as the only item; nothing where it is not Python."""
    nodes = list(ast.walk(tree))
    profiles = tuple(_profile(node) for node in nodes if _loads(node))
    computed = None in profiles
    return (
        FileUse(
            imported=tuple(name for node in nodes for name in _imported(node)),
            families=frozenset(family for node in nodes for family in _families(node)),
            profiles=profiles,
            literals=frozenset(
                str(node.value) for node in nodes if computed and isinstance(node, ast.Constant)
            ),
        ),
    )


def _loads(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("ConfigFileLoader")


def _profile(call: ast.AST) -> str | None:
    if not isinstance(call, ast.Call):
        return None
    given = call.args[1:2] + [word.value for word in call.keywords if word.arg == "profile"]
    if not given:
        return "default"
    return str(given[0].value) if isinstance(given[0], ast.Constant) else None


def _families(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mage_ai.io"):
        module = (node.module or "").removeprefix("mage_ai.io").lstrip(".")
        for name in [module] if module else [alias.name for alias in node.names]:
            yield from MODULES.get(name, ())


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
