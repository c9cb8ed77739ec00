"""Contracts in a test: ``mage.run(..., contract=True)`` and ``--update-contracts``."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "projects" / "contract_work"
CONTRACT = """\
contract: 1
pipeline: orders
postgres:
  public.orders:
    rows: 5  # a day
    columns:
      state: {isin: ["open", "paid"]}
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def author(
    pytester: pytest.Pytester, mage_settings, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """A folder with a project, a contract that does not hold and a test."""
    monkeypatch.setenv("MAGE_HARNESS_CACHE", str(mage_settings.cache))
    monkeypatch.setenv("CI", "true")
    shutil.copytree(PROJECT, pytester.path / "shop")
    (pytester.path / "pyproject.toml").write_text(
        "[tool.mage-harness]\nproject = 'shop'\ncontracts = 'agreed'\n"
    )
    (pytester.path / "agreed").mkdir()
    (pytester.path / "agreed" / "orders.yaml").write_text(CONTRACT)
    pytester.makepyfile(
        """
        def test_orders(mage):
            mage.run("orders", contract=True)
        """
    )
    return pytester


def run(author: pytest.Pytester, *arguments: str):
    return author.runpytest_subprocess("-q", "-p", "no:cacheprovider", *arguments)


def test_a_contract_that_does_not_hold_fails_the_test_with_its_line(
    author: pytest.Pytester,
) -> None:
    result = run(author, "--junitxml=junit.xml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            '>*mage.run("orders", contract=True)',
            "pipeline orders does not hold its contract agreed/orders.yaml: 1 difference",
            "  evidence: postgres public.orders",
            "*line  column  rule  expected  found",
            "*5     -       rows  5 rows    4",
            "  remedy:*--update-contracts",
        ]
    )
    assert "harness/" not in result.stdout.str().replace(str(author.path), "").replace("mage-", "")
    told = {
        name: json.loads(one.get("value", ""))
        for one in ET.parse(author.path / "junit.xml").iterfind(".//property")
        # Others are for people.
        if (name := one.get("name", "")).startswith("mage-harness-")
    }
    assert set(told) == {"mage-harness-run", "mage-harness-contract"}
    run_told = told["mage-harness-run"]
    assert (run_told["uuid"], run_told["ok"], run_told["entry"]) == ("orders", True, "pipeline")
    assert [one["status"] for one in run_told["blocks"]] == ["completed"] * len(run_told["blocks"])
    facts = told["mage-harness-contract"]
    assert facts["file"] == "agreed/orders.yaml"
    assert [(one["rule"], one["found"]) for one in facts["differences"]] == [("rows", "4")]


def test_an_update_is_shown_and_written_only_when_told(author: pytest.Pytester) -> None:
    file = author.path / "agreed" / "orders.yaml"
    result = run(author, "--update-contracts")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "mage-harness: -    rows: 5  # a day",
            "mage-harness: +    rows: 4  # a day",
            "mage-harness: not written: agreed/orders.yaml; add --contracts-yes *",
        ]
    )
    assert file.read_text() == CONTRACT

    result = run(author, "--update-contracts", "--contracts-yes")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["mage-harness: written: agreed/orders.yaml"])
    assert file.read_text() == CONTRACT.replace("rows: 5", "rows: 4")
    run(author).assert_outcomes(passed=1)


def test_what_cannot_be_held_to_a_contract_is_a_mistake_of_the_test(
    author: pytest.Pytester,
) -> None:
    author.makepyfile(
        """
        def test_no_contract(mage):
            mage.run("nothing", contract=True)

        def test_other_variables(mage):
            mage.run("orders", variables={"rows": 2}, contract=True)

        def test_a_run_that_fails(mage):
            mage.run("breaks", contract=True, check=False)
        """
    )
    result = run(author)
    result.assert_outcomes(failed=3)
    text = result.stdout.str()
    assert "there is no contract agreed/nothing.yaml" in text
    assert "it holds for rows=4, and the run had other variables" in text
    assert "no place to write to" in text
