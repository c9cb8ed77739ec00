"""Projects as the public writes them, looked at without a run."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from harness.cli.init import init

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECTS = Path(__file__).parents[2] / "projects" / "public"


@pytest.fixture
def proposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[dict[str, Any], str]]:
    """What init would write for a repository: its settings, and all that it shows."""
    app = typer.Typer()
    app.command()(init)

    def called(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as caught:
            app([str(one) for one in arguments])
        assert caught.value.code == 0
        return capsys.readouterr().out

    def of(name: str) -> tuple[dict[str, Any], str]:
        root = tmp_path / "repo"
        shutil.copytree(PROJECTS / name, root)
        (root / ".git").mkdir()
        before = sorted(root.rglob("*"))
        shown = called(root, "--dry-run")
        assert sorted(root.rglob("*")) == before
        settings = [
            line[1:]
            for line in shown.partition("+++ pyproject.toml")[2].partition("\n--- ")[0].splitlines()
            if line.startswith("+")
        ]
        return tomllib.loads("\n".join(settings))["tool"]["mage-harness"], shown

    return of
