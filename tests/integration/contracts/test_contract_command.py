"""``mage-harness contract`` as a user types it, with the real Mage and the real services."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
PROJECT = ROOT / "tests" / "projects" / "contract_work"
COMMAND = Path(sys.executable).parent / "mage-harness"
SCHEMA = json.loads((ROOT / "docs" / "run.schema.json").read_text("utf-8"))
ORDERS = """\
# yaml-language-server: $schema=contract.schema.json
# What the pipeline leaves behind. What is not here is not checked: see docs/contracts.md.
contract: 1
pipeline: orders
exact: true
postgres:
  public.orders:
    rows: 4
    exact: true
    key: {columns: ["number"]}
    columns:
      number: {type: bigint, required: true, nulls: 0, between: [1, 4]}
      order_id: {type: bigint, required: true, nulls: 0, between: [1, 4]}
      state: {type: text, nulls: 0, isin: ["open", "paid"]}
      token: {type: uuid, volatile: true}
      made_at: {type: timestamp with time zone, volatile: true}
"""

pytestmark = pytest.mark.slow


class Author:
    """A folder with a project of its own, and the command in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contracts = folder / "fixtures" / "contracts"
        shutil.copytree(PROJECT, folder / "shop")
        (folder / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'shop'\n")

    def __call__(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [str(COMMAND), *arguments],
            cwd=self.folder,
            env={**os.environ, "CI": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        return done.returncode, done.stdout

    def contract(self, pipeline: str = "orders") -> Path:
        return self.contracts / f"{pipeline}.yaml"

    def facts(self, *arguments: str) -> tuple[int, dict]:
        status, _ = self("run", "orders", "--json", "facts.json", *arguments)
        facts = json.loads((self.folder / "facts.json").read_text("utf-8"))
        jsonschema.validate(facts, SCHEMA)
        return status, facts["pipelines"][0]


@pytest.fixture
def author(tmp_path) -> Author:
    return Author(tmp_path)


@pytest.fixture
def agreed(author) -> Author:
    """An author with the contract that the tool has written."""
    author.contracts.mkdir(parents=True)
    author.contract().write_text(ORDERS)
    return author


def test_contracts_are_written_from_two_runs(author):
    status, out = author("contract", "write", "orders", "nothing")
    assert (status, author.contract().read_text("utf-8")) == (0, ORDERS), out
    assert author.contract("nothing").read_text("utf-8").endswith("nothing\nexact: true\n")
    assert (author.contracts / "contract.schema.json").exists()
    assert [line[1:] for line in out.splitlines() if line.startswith("+      token")]
    assert {oct(file.stat().st_mode)[-3:] for file in author.contracts.iterdir()} == {"644"}


def test_a_run_that_fails_makes_no_contract_and_the_others_are_written(author):
    status, out = author("contract", "write", "breaks", "nothing", "--once")
    assert status == 1
    assert "no place to write to" in out
    assert [file.name for file in sorted(author.contracts.iterdir())] == [
        "contract.schema.json",
        "nothing.yaml",
    ]


def test_runs_are_held_to_a_contract(agreed):
    status, pipeline = agreed.facts()
    assert (status, pipeline["ok"]) == (0, True)
    assert pipeline["contract"] == {
        "file": "fixtures/contracts/orders.yaml",
        "ok": True,
        "left_out": "",
        "differences": [],
    }
    spoilt = ORDERS.replace("rows: 4", "rows: 5").replace('"paid"', '"lost"')
    agreed.contract().write_text(spoilt)
    status, pipeline = agreed.facts()
    assert (status, pipeline["ok"], pipeline["problems"]) == (1, False, [])
    assert [
        (one["sink"], one["column"], one["rule"], one["expected"], one["found"], one["line"])
        for one in pipeline["contract"]["differences"]
    ] == [
        ("public.orders", "", "rows", "5 rows", "4", 8),
        ("public.orders", "state", "isin", "'open', 'lost'", "'paid' in 2 rows", 14),
    ]


def test_a_contract_is_left_out_of_runs_that_it_does_not_hold_for(agreed):
    status, pipeline = agreed.facts("--var", "rows=2")
    assert (status, pipeline["ok"]) == (0, True)
    assert pipeline["contract"]["left_out"] == (
        "it holds for rows=4, and the run had other variables"
    )
    agreed.contract().write_text(ORDERS.replace("rows: 4", "rows: 5"))
    status, pipeline = agreed.facts("--no-contract")
    assert (status, pipeline["contract"]) == (0, None)


def test_an_update_is_shown_and_written_only_when_told(agreed):
    before = ORDERS.replace("    rows: 4", "    rows: 5  # a day")
    agreed.contract().write_text(before)
    status, out = agreed("run", "orders", "--update-contracts")
    assert status == 1
    assert "-    rows: 5  # a day\n+    rows: 4  # a day\n" in out
    assert "add --yes" in out
    assert agreed.contract().read_text("utf-8") == before
    status, _ = agreed("run", "orders", "--update-contracts", "--yes")
    assert status == 0
    assert agreed.contract().read_text("utf-8") == ORDERS.replace(
        "    rows: 4", "    rows: 4  # a day"
    )
    status, out = agreed("contract", "write", "orders", "--once")
    assert status == 0
    assert "says so already" in out


def test_two_pipelines_that_write_one_table(agreed):
    agreed.contract("orders_again").write_text(ORDERS.replace("orders\ne", "orders_again\ne"))
    status, out = agreed("run", "orders", "orders_again")
    assert status == 1
    assert "orders wrote it too, before this run" in out
    status, out = agreed("contract", "check", "orders", "orders_again")
    assert status == 0, out


@pytest.mark.parametrize("command", ["check", "diff"])
def test_a_contract_must_be_there_to_be_checked(author, command):
    status, out = author("contract", command, "orders")
    assert status == 2
    assert "there is no contract fixtures/contracts/orders.yaml" in out
    assert "mage-harness contract write orders" in out


def test_a_difference_is_shown_and_nothing_is_written(agreed):
    before = ORDERS.replace("rows: 4", "rows: 5")
    agreed.contract().write_text(before)
    status, out = agreed("contract", "diff", "orders")
    assert status == 1
    assert "-    rows: 5\n+    rows: 4\n" in out
    assert agreed.contract().read_text("utf-8") == before


def test_a_mistake_in_a_contract_is_told_before_anything_runs(agreed):
    agreed.contract().write_text(ORDERS.replace("exact: true\n    key", "exakt: true\n    key"))
    status, out = agreed("run", "orders")
    assert status == 2
    assert "orders.yaml:9: postgres public.orders exakt: no contract says this" in out
    assert "did you mean exact?" in out
    assert "started" not in out


def test_exports(agreed):
    status, out = agreed("contract", "export", "orders", "--to", "bigquery")
    assert status == 0
    assert {"name": "number", "type": "INTEGER", "mode": "REQUIRED"} in json.loads(out)
    status, out = agreed("contract", "export", "--all", "--to", "dbt")
    assert status == 0
    assert "accepted_values" in out
    status, out = agreed("contract", "export")
    assert (status, "no pipeline is named" in out) == (2, True)
