"""Finds out, in a process of its own, which modules Mage loads that may be loaded beforehand.

Mage's own modules are not among them: they read settings, make log handlers and open the database
when they are imported. Nor is what the tap must see being imported, what reads a variable that each
run has for itself, what warns or prints meanwhile, and all that imports such a module.
"""

import ast
import builtins
import importlib
import importlib.util
import json
import os
import sys
from importlib.machinery import SourceFileLoader
from typing import Any, Dict, Iterable, List, NamedTuple, Sequence, Set, Tuple

from .reads import Reads
from .says import sayings

MAGE = "mage_ai"
LEFT = (
    *("google.cloud", "grpc", "pyarrow._dataset_parquet", "pyarrow._dataset_parquet_encryption"),
    "pyarrow._parquet_encryption",
)
"""What the tap watches without naming it in one word; what imports such a module unseen, from C;
and gRPC, which looks at its variables unseen, and whose authorities are each run's own."""
IN_PLACE = ("aiobotocore.session", "aiohttp.client", "botocore.session", "minio.api")
"""What the tap changes classes of, which others see too; what else it watches it may replace
functions of, which others copy when they are imported."""
_HARMLESS = frozenset(("jedi.settings", "parso.cache", "jupyter_client.session"))
"""They keep where a notebook's completions are cached, and who signs its messages."""
_ENTRY = (
    *("cli.main", "settings.repo", "data_preparation.executors.executor_factory"),
    *("data_preparation.models.pipeline", "data_preparation.sync.git_sync"),
    *("data_preparation.variable_manager", "orchestration.db"),
    *("orchestration.db.models.schedules", "orchestration.utils.git", "server.logger"),
    *("data_preparation.executors.pipeline_executor", "data_preparation.executors.block_executor"),
    *("io.postgres", "io.bigquery", "io.google_cloud_storage"),
)
"""What ``mage run`` imports, also on its way, and what most blocks do."""


class Found(NamedTuple):
    """What Mage loads.

    Attributes:
        beforehand: The modules that can be loaded beforehand, in the order in which Mage does.
        later: The files of the others, by name.
    """

    beforehand: List[str]
    later: Dict[str, str]


def scouted(own: List[str], kept_out: Tuple[str, ...]) -> Found:
    """Find out what Mage loads.

    Args:
        own: Variables that each run has for itself.
        kept_out: Modules and packages that are not to be loaded beforehand.
    """
    reading, writing = os.pipe()
    scout = os.fork()
    if not scout:
        status = 1
        try:
            os.close(reading)
            with open(writing, "w", encoding="utf-8") as file:
                json.dump(_found(own, kept_out), file)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with open(reading, encoding="utf-8") as file:
        content = file.read()
    os.waitpid(scout, 0)
    return Found(*json.loads(content or "[[], {}]"))


def _found(own: List[str], left_out: Tuple[str, ...]) -> Found:
    known = set(sys.modules)
    imports = _Imports()
    with Reads() as reads, sayings() as said:
        builtins.__import__ = imports
        for name in ("newrelic.agent", "sentry_sdk", *(MAGE + "." + one for one in _ENTRY)):
            try:
                importlib.import_module(name)
            except ImportError:
                # Another version of Mage has it elsewhere, and its run will import what it needs.
                continue
        builtins.__import__ = imports.real
    kept_out = imports.leading_to(
        {name for name in sys.modules if within(name, left_out)}
        | (reads.readers(own) - _HARMLESS)
        | said
    )
    specs = {name: getattr(module, "__spec__", None) for name, module in sys.modules.items()}
    new = {name: spec for name, spec in specs.items() if spec is not None and name not in known}
    return Found(
        beforehand=[name for name in new if name not in kept_out],
        later={
            name: str(spec.origin)
            for name, spec in new.items()
            if name in kept_out and type(spec.loader) is SourceFileLoader
        },
    )


def left(tap: Sequence[str]) -> Tuple[str, ...]:
    """The modules that are not to be loaded beforehand for the tap's sake.

    Args:
        tap: The files of the tap.
    """
    watched: Set[str] = set()
    for file in tap:
        for node in ast.walk(_parsed(file)):
            if isinstance(node, ast.For) and any(map(_is_watch, ast.walk(node))):
                watched.update(_texts(node.iter))
            elif isinstance(node, ast.Call) and _is_watch(node):
                watched.update(_texts(node.args[0]))
    return (MAGE, *LEFT, *sorted(watched.difference(IN_PLACE)))


def _is_watch(node: ast.AST) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Name) and function.id == "after_import"


def _texts(node: ast.AST) -> List[str]:
    found = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
    return [text for text in found if isinstance(text, str)]


def _parsed(file: str) -> ast.Module:
    with open(file, "rb") as source:
        return ast.parse(source.read())


def within(name: str, packages: Iterable[str]) -> bool:
    """Whether a module is one of some packages, or in one."""
    return any(name == package or name.startswith(package + ".") for package in packages)


class _Imports:
    """``__import__``, noting which module imports which."""

    def __init__(self) -> None:
        self.real = builtins.__import__
        self._wanted: Dict[str, Set[str]] = {}

    def __call__(
        self,
        name: str,
        globals: Any = None,  # noqa: A002 - the name of Python's own
        locals: Any = None,  # noqa: A002
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        module = self.real(name, globals, locals, fromlist, level)
        importer = str((globals or {}).get("__name__"))
        if importer == "importlib._bootstrap":
            # On behalf of one that has asked before.
            return module
        whole = name
        if level:
            package = (globals or {}).get("__package__") or importer
            whole = importlib.util.resolve_name("." * level + name, package)
        wanted = self._wanted.setdefault(importer, set())
        wanted.add(whole)
        wanted.update(whole + "." + str(one) for one in fromlist or ())
        return module

    def leading_to(self, names: Set[str]) -> Set[str]:
        """Modules, with all that import one of them, or import something below one."""
        found = set(names)
        while True:
            more = {
                importer
                for importer, wanted in self._wanted.items()
                if importer not in found and any(_reaches(one, found) for one in wanted)
            }
            more |= {name for name in sys.modules if name not in found and _reaches(name, found)}
            if not more:
                return found
            found |= more


def _reaches(name: str, found: Set[str]) -> bool:
    """Whether to import a module is to import one of those that were found."""
    while name:
        if name in found:
            return True
        name = name.rpartition(".")[0]
    return False
