"""Every fenced example of the README and the handbook is held against what there is."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from ruamel.yaml import YAML

from harness.cli.main import app_of
from harness.mage import Mage
from harness.pyproject import find
from harness.replay.entry import _KEYS, _REQUEST_KEYS
from harness.rerun.expect import SessionExpect
from harness.settings import load_settings

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
FENCED = re.compile(
    r"(?P<mark><!-- [^>]* -->\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE
)
INSTALLERS = ("apt-get", "uv")
OF_OTHERS = ("--cov", "--cov-branch", "--junitxml")
"""Options of pytest's own and of pytest-cov."""


@dataclass(frozen=True)
class Example:
    """A fenced block.

    Attributes:
        page: The page that it is on.
        line: The line of its fence.
        kind: What is written behind the fence; `console` for commands with their output.
        body: Its text.
        included: Whether it is marked, and so held to a file or an output by a test of its own.
    """

    page: Path
    line: int
    kind: str
    body: str
    included: bool


def examples() -> list[Example]:
    found = []
    for page in PAGES:
        text = page.read_text("utf-8")
        for block in FENCED.finditer(text):
            line = text.count("\n", 0, block.start("kind")) + 1
            marked = block["mark"] is not None
            found.append(Example(page, line, block["kind"], block["body"], marked))
    return found


def of(*kinds: str) -> list[object]:
    return [
        pytest.param(one, id=f"{one.page.name}:{one.line}")
        for one in examples()
        if one.kind in kinds and not one.included
    ]


@pytest.fixture(scope="module")
def command():
    """The command, each of whose subcommands reads its arguments and does nothing."""
    group = typer.main.get_command(app_of())

    def stilled(one) -> None:
        for below in getattr(one, "commands", {}).values():
            stilled(below)
        if not hasattr(one, "commands"):
            one.callback = lambda **_given: None

    stilled(group)
    return group


def test_each_kind_of_example_is_looked_at():
    outputs = ("text", "")
    known = {"python", "sh", "console", "toml", "yaml", *outputs}
    assert {one.kind for one in examples()} <= known
    assert len(examples()) > 50


@pytest.mark.parametrize("example", of("sh", "console"))
def test_lines_of_the_shell_are_such_as_the_commands_take(example, command, pytestconfig):
    read = 0
    for line in example.body.splitlines():
        text = line.removeprefix("$ ")
        words = shlex.split(text, comments=True)
        name = Path(words[0]).name if words else ""
        words = words[: words.index(">")] if ">" in words else words
        if name == "mage-harness":
            command.main(words[1:], standalone_mode=False)
        elif name == "pytest":
            known = {option for group in groups(pytestconfig) for option in group}
            for word in words[1:]:
                option = word.partition("=")[0]
                assert not word.startswith("-") or option in known or option in OF_OTHERS, text
        elif name == "python":
            script = (ROOT / words[1]).read_text("utf-8") + shared(words[1])
            for word in words[2:]:
                assert not word.startswith("--") or f'"{word}"' in script, text
        elif name not in INSTALLERS:
            continue
        read += 1
    assert read or example.page.name == "bigquery.md", example.body


def groups(config: pytest.Config) -> list[list[str]]:
    parser = config._parser
    return [
        option.names() for group in (*parser._groups, parser._anonymous) for option in group.options
    ]


def shared(script: str) -> str:
    """The text of the modules beside a script that it may take its options from."""
    return "".join(one.read_text("utf-8") for one in (ROOT / script).parent.glob("*.py"))


@pytest.mark.parametrize("example", of("toml"))
def test_settings_can_be_read(example, tmp_path):
    text = example.body
    if not text.startswith("["):
        text = f"[tool.mage-harness]\n{text}"
    assert set(tomllib.loads(text)) == {"tool"}
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    assert find(tmp_path) == tmp_path / "pyproject.toml"
    load_settings(start=tmp_path, environ={}, here=tmp_path)


@pytest.mark.parametrize("example", of("yaml"))
def test_yaml_has_the_names_that_are_read(example):
    value = YAML(typ="safe").load(example.body)
    entries = value if isinstance(value, list) else []
    for entry in entries:
        assert set(entry) <= set(_KEYS)
        assert set(entry.get("request", {})) <= set(_REQUEST_KEYS)
    assert entries or isinstance(value, dict)


@pytest.mark.parametrize(
    "example", [one for one in of("python") if "expectations.md" not in str(one.id)]
)
def test_calls_have_the_arguments_that_are_taken(example):
    """Those of expectations.md run, see tests/unit/expect/test_expect_docs.py."""
    tree = ast.parse(example.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("harness"):
            exec(compile(ast.Module([node], []), example.page.name, "exec"), {})
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = {"mage": Mage, "expect": SessionExpect}.get(ast.unparse(node.func.value))
            if holder is not None:
                signature = inspect.signature(getattr(holder, node.func.attr))
                named = {one.arg: None for one in node.keywords}
                signature.bind(None, *(None for _ in node.args), **named)
