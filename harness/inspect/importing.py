"""Imports: the project's own modules are followed, others are packages."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from harness.inspect.clients.call import Sighting
from harness.inspect.modules import module_file
from harness.inspect.naming import attribute
from harness.inspect.values import Module, Thing, Value, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.inspect.naming import Scope
    from harness.project.model import Project

OPTIONAL = "optional"
"""The detail of a package whose import is tried: the block can do without it."""


class Imports:
    """Follows imports.

    Args:
        project: The project.
        load: Follows a file of the project.
        see: Given each package with its file and line.

    Attributes:
        tried: How many ``try`` stand around that an import may fail in.
    """

    def __init__(
        self,
        project: Project,
        load: Callable[[Path], Module],
        see: Callable[[Sighting, Path, int], None],
    ) -> None:
        self._project = project
        self._load = load
        self._see = see
        self.tried = 0

    def follow(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Give the imported names their values.

        Args:
            node: The statement.
            scope: The names that it adds to.
        """
        if isinstance(node, ast.Import):
            for alias in node.names:
                file = module_file(self._project, alias.name)
                whole: Value = self._load(file) if file else Thing(alias.name)
                if file is None:
                    self._package(alias.name, scope, node.lineno)
                if alias.asname or "." not in alias.name:
                    scope.names[alias.asname or alias.name] = whole
                else:
                    first = alias.name.split(".")[0]
                    scope.names[first] = Thing(first, name=first)
            return
        name = node.module or ""
        for alias in node.names:
            scope.names[alias.asname or alias.name] = self._imported(node, name, alias.name, scope)

    def _imported(self, node: ast.ImportFrom, module: str, name: str, scope: Scope) -> Value:
        of, level = scope.module.file, node.level
        inner = module_file(self._project, f"{module}.{name}", level=level, of=of)
        file = module_file(self._project, module, level=level, of=of) if module or level else None
        if inner is not None and inner != file:
            return self._load(inner)
        if file is not None:
            found = self._load(file)
            if name == "*":
                scope.names.update(found.names)
            return attribute(found, name)
        if not level:
            self._package(module, scope, node.lineno)
        return Thing(f"{module}.{name}", name=name)

    def _package(self, name: str, scope: Scope, line: int) -> None:
        first = name.split(".", maxsplit=1)[0]
        if first and first not in sys.stdlib_module_names and first != "mage_ai":
            top = ".".join(name.split(".")[:2]) if first == "google" else first
            found = Sighting(
                kind="package",
                name=text(top),
                access="reads",
                client="import",
                detail=OPTIONAL if self.tried else "",
            )
            self._see(found, scope.module.file, line)
