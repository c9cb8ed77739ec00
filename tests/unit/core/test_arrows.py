"""The rooms of the package know each other in one direction only, as docs/design.md says."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[3]
PACKAGE = "harness"
DESIGN = "docs/design.md"


class Arrow(NamedTuple):
    """An import of one room by another, and where it is written."""

    room: str
    other: str
    place: str


def rooms(package: Path) -> set[str]:
    """Folders and modules right below the package."""
    modules = {file.stem for file in package.glob("[!_]*.py")}
    return modules | {file.parent.name for file in package.glob("*/__init__.py")}


def in_order(design: str) -> list[str]:
    """The rooms of the table, the lowest first; folders of a room are no rooms."""
    cells = re.findall(r"^\| (`.+?) \|", design, re.MULTILINE)
    named = [name.removesuffix("/") for cell in cells for name in re.findall("`(.+?)`", cell)]
    return [name for name in named if "/" not in name]


def imports(nodes: Iterable[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports that are carried out, also those in functions; an expression holds none."""
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from imports(node.orelse)
        elif not isinstance(node, ast.expr):
            yield from imports(ast.iter_child_nodes(node))


def named(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The modules that an import names, with all that may be one."""
    for alias in node.names:
        yield alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"


def arrows(package: Path) -> Iterator[Arrow]:
    """Each import of one room by another."""
    known = rooms(package)
    for file in sorted(package.rglob("*.py")):
        room = file.relative_to(package).parts[0].removesuffix(".py")
        for node in imports([ast.parse(file.read_text("utf-8"))]):
            for name in named(node):
                first, _, rest = name.partition(".")
                other = rest.split(".")[0]
                if first == PACKAGE and other in known - {room}:
                    yield Arrow(room, other, f"{file.relative_to(package.parent)}:{node.lineno}")


def against(order: list[str], found: Iterable[Arrow]) -> list[str]:
    """Those that lead to a room which does not stand before their own."""
    return [
        f"{place}: {room} imports {other}, which stands behind it in {DESIGN}"
        for room, other, place in found
        if order.index(other) > order.index(room)
    ]


def both_ways(found: Iterable[Arrow]) -> list[str]:
    """Pairs of rooms that import each other, each with a place of both."""
    places = {(room, other): place for room, other, place in found}
    return [
        f"{room} and {other} import each other: {place}, {places[other, room]}"
        for (room, other), place in places.items()
        if room < other and (other, room) in places
    ]


@pytest.fixture(scope="module")
def order():
    return in_order((ROOT / DESIGN).read_text("utf-8"))


@pytest.fixture(scope="module")
def found():
    return list(arrows(ROOT / PACKAGE))


def test_the_table_names_each_room_once(order):
    assert sorted(order) == sorted(rooms(ROOT / PACKAGE))


def test_no_room_imports_one_that_stands_behind_it(order, found):
    assert against(order, found) == []


def test_no_two_rooms_import_each_other(found):
    assert both_ways(found) == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import harness.high.deep", [1]),
        ("from harness.high.deep import name", [1]),
        ("from harness import high", [1]),
        ("def late():\n    from harness.high import name", [2]),
        (
            "if TYPE_CHECKING:\n    from harness.high import name\nelse:\n    import harness.high",
            [4],
        ),
        ("from harness.low.other import name\nimport highest, harness", []),
    ],
)
def test_each_way_of_importing_is_seen_and_those_for_types_are_not(tmp_path, code, lines):
    for room in ("low", "high"):
        (tmp_path / PACKAGE / room).mkdir(parents=True)
        (tmp_path / PACKAGE / room / "__init__.py").touch()
    (tmp_path / PACKAGE / "low" / "one.py").write_text(code)
    (tmp_path / PACKAGE / "high" / "one.py").write_text("import harness.low")
    order = in_order("| room | what |\n|---|---|\n| `low/` | `a/` |\n| `low/b/`, `high/` | |\n")
    found = list(arrows(tmp_path / PACKAGE))

    assert order == ["low", "high"]
    assert [line.split(" ")[0] for line in against(order, found)] == [
        f"harness/low/one.py:{line}:" for line in lines
    ]
    assert len(both_ways(found)) == len(lines)
