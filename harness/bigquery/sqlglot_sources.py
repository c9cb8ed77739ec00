"""sqlglot as Python's sources, also where its compiled modules are installed.

The package ``sqlglotc`` puts compiled modules beside sqlglot's own. A compiled class takes no
subclass, and the stub's grammar is one, so that each statement would be refused.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ExtensionFileLoader, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_PACKAGE = "sqlglot"
# The one of them that must take a subclass.
_PARSER = "sqlglot.parser"


class _Sources(MetaPathFinder):
    """Finds the source where a compiled module stands before it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != _PACKAGE:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is None or not isinstance(found.loader, ExtensionFileLoader):
            return found
        source = Path(str(found.origin)).with_name(fullname.rpartition(".")[2] + ".py")
        return spec_from_file_location(fullname, source) if source.exists() else found


def prefer_sources() -> None:
    """Have sqlglot imported from its sources from now on in this process."""
    if not any(isinstance(one, _Sources) for one in sys.meta_path):
        sys.meta_path.insert(0, _Sources())


def check_imported() -> None:
    """Refuse a parser that somebody imported before, compiled.

    Raises:
        EnvironmentNotAbleError: It is so.
    """
    parser = sys.modules.get(_PARSER)
    if parser is not None and not str(parser.__file__).endswith(".py"):
        raise EnvironmentNotAbleError(
            "the BigQuery stub cannot work with sqlglot as it was imported in this process",
            cause="its compiled modules, of the package sqlglotc, take no grammar of one's own",
            evidence=[f"{_PARSER}: {parser.__file__}"],
            remedy="import harness.bigquery before sqlglot, or uninstall sqlglotc",
        )
