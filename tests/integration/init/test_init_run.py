"""What is written is run: tests by pytest, and all that ``--run`` fills in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import typer

from harness.cli.init import init

PROJECT = Path(__file__).parents[2] / "projects" / "contract_work"
FAILING = """\
type: python
blocks:
- {uuid: fails_here, type: data_loader, upstream_blocks: [], downstream_blocks: []}
"""


@pytest.mark.slow
def test_run_writes_contracts_and_makes_questions_of_failures_and_the_tests_pass(
    mage_settings, monkeypatch, pytester
):
    monkeypatch.setenv("MAGE_HARNESS_CACHE", str(mage_settings.cache))
    root = pytester.path
    project = root / "shop"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("breaks", "orders_again"):
        shutil.rmtree(project / "pipelines" / name)
    (project / "pipelines" / "failing").mkdir()
    (project / "pipelines" / "failing" / "metadata.yaml").write_text(FAILING)
    code = "import nobody_has_this\n\n@data_loader\ndef load(*args, **kwargs):\n    return 1\n"
    (project / "data_loaders" / "fails_here.py").write_text(code)
    (root / "pyproject.toml").touch()
    app = typer.Typer()
    app.command()(init)
    with pytest.raises(SystemExit) as caught:
        app([str(root), "--run"])
    assert caught.value.code == 1

    contract = (root / "fixtures/contracts/orders.yaml").read_text()
    assert "rows: 4" in contract
    assert "Seen in the source" not in contract
    asked = (root / "MAGE_HARNESS_QUESTIONS.md").read_text()
    assert "## failing" in asked
    assert "add the line nobody_has_this to requirements.txt" in asked
    assert "## orders" not in asked
    assert 'mage.run("nothing", contract=True)' in (root / "tests/test_nothing.py").read_text()

    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "tests")
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines(["*nobody_has_this*"])
