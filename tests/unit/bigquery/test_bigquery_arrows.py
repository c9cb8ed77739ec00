"""Which room of the stub may ask which: the arrows between them point one way."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import harness.bigquery

PLACE = Path(harness.bigquery.__file__).parent
# Each may ask those before it. A module outside of these packages is a room of its own, which stands
# wherever it makes no circle.
PACKAGES = (
    "vectors",
    "sql",
    "partitions",
    "loads",
    "statements",
    "ddl",
    "jobs",
    "storage",
    "rest",
)


def imported(tree):
    """The modules that are loaded, at once or by a call; what only types ask for is not."""
    checked = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.If) and ast.unparse(one.test) == "TYPE_CHECKING"
    ]
    for_types = {inner for one in checked for inner in ast.walk(one)}
    return [
        f"{one.module}.{name.name}"
        for one in ast.walk(tree)
        if isinstance(one, ast.ImportFrom) and one not in for_types
        for name in one.names
    ]


@cache
def arrows():
    """The rooms that each room asks, with a module that does so."""
    found = {}
    for path in sorted(PLACE.rglob("*.py")):
        own = path.relative_to(PLACE).with_suffix("").parts
        for name in imported(ast.parse(path.read_text("utf-8"))):
            parts = name.split(".")
            # What the package itself gives is not of a room.
            if parts[:2] != ["harness", "bigquery"] or len(parts) < 4:
                continue
            if own[0] != parts[2]:
                found.setdefault(own[0], {})[parts[2]] = ".".join(own)
    return found


def test_no_room_asks_one_that_asks_it():
    graph = {source: set(targets) for source, targets in arrows().items()}
    assert set(PACKAGES) <= set(TopologicalSorter(graph).static_order())


def test_the_packages_stand_in_their_order():
    assert {path.name for path in PLACE.iterdir() if (path / "__init__.py").exists()} == set(
        PACKAGES
    )
    against = [
        f"{module} asks {target}"
        for source, targets in arrows().items()
        for target, module in targets.items()
        if source in PACKAGES
        and target in PACKAGES
        and PACKAGES.index(source) < PACKAGES.index(target)
    ]
    assert against == []
