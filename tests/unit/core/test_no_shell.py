"""No command of the harness goes through a shell, so nothing in a name or a path is one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "harness"
BY_A_SHELL = frozenset(
    (
        *("os.popen", "os.system", "subprocess.getoutput", "subprocess.getstatusoutput"),
        *("asyncio.create_subprocess_shell", "pty.spawn"),
    )
)


def by_a_shell(source: str) -> list[int]:
    """The lines of calls that take a text for a shell."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    imported = {
        f"{node.module}.{one.name}": node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }
    return [
        *(node.lineno for node in calls if ast.unparse(node.func) in BY_A_SHELL or _asks(node)),
        *(line for name, line in imported.items() if name in BY_A_SHELL),
    ]


def _asks(call: ast.Call) -> bool:
    """Whether it says ``shell=`` anything but False."""
    values = [one.value for one in call.keywords if one.arg == "shell"]
    return any(not (isinstance(one, ast.Constant) and one.value is False) for one in values)


def test_nothing_of_the_harness_asks_a_shell():
    found = {
        f"{file.relative_to(PACKAGE.parent)}:{line}"
        for file in PACKAGE.rglob("*.py")
        for line in by_a_shell(file.read_text("utf-8"))
    }

    assert found == set()


@pytest.mark.parametrize(
    "source",
    [
        "subprocess.run('ls', shell=True)",
        "subprocess.Popen('ls', shell=wanted)",
        "os.system('ls')",
        "from os import popen",
        "def f():\n    return subprocess.getoutput('ls')",
    ],
)
def test_a_shell_is_noticed(source):
    assert by_a_shell(source)


def test_what_asks_none_is_left_alone():
    assert not by_a_shell("subprocess.run(['ls'], shell=False); system = os.system")
