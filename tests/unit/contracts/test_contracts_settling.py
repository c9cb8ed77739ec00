"""A contract is written when somebody has agreed, whole, and beside its schema."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.contracts.holding import Contracts
from harness.contracts.store import contract_file, keep
from harness.errors import InputError
from harness.settings import Settings

ASKING = """
import sys
from pathlib import Path
from rich.console import Console
from harness.cli.settling import settle
from harness.contracts.holding import Proposal

proposal = Proposal(pipeline="shop", file=Path("shop.yaml"), before="a: 1\\n", after="a: 2\\n")
sys.exit(0 if settle(Console(), proposal, yes=False) else 1)
"""


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False), ("", False)])
def test_in_a_terminal_somebody_is_asked(tmp_path, answer, written):
    (tmp_path / "shop.yaml").write_text("a: 1\n")
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    process = subprocess.Popen(
        [sys.executable, "-c", ASKING], cwd=tmp_path, env=env, stdin=theirs, stdout=theirs
    )
    os.close(theirs)
    said = b""
    while b"Write shop.yaml?" not in said:
        said += os.read(ours, 1024)
    os.write(ours, f"{answer}\n".encode())
    status = process.wait(timeout=60)
    os.close(ours)
    assert b"-a: 1" in said
    assert b"+a: 2" in said
    assert status == (0 if written else 1)
    assert (tmp_path / "shop.yaml").read_text() == ("a: 2\n" if written else "a: 1\n")


def test_a_contract_is_written_with_its_schema_and_nothing_else(tmp_path):
    file = tmp_path / "deep" / "shop.yaml"
    keep(file, "a: 1\n")
    keep(file, "a: 2\n")
    assert file.read_text() == "a: 2\n"
    names = [one.name for one in sorted(file.parent.iterdir())]
    assert names == ["contract.schema.json", "shop.yaml"]


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "contracts").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        keep(tmp_path / "contracts" / "shop.yaml", "a: 1\n")


def test_the_folder_of_contracts_is_a_setting(tmp_path):
    settings = Settings(fixtures=Path("f"))
    assert contract_file(settings, "shop") == Path("f/contracts/shop.yaml")
    settings = Settings(fixtures=Path("f"), contracts=tmp_path)
    assert contract_file(settings, "shop") == tmp_path / "shop.yaml"


def test_the_contract_of_another_pipeline_is_refused(tmp_path):
    (tmp_path / "shop.yaml").write_text("contract: 1\npipeline: store\n")
    session = SimpleNamespace(settings=Settings(contracts=tmp_path))
    with pytest.raises(InputError, match=r"shop\.yaml:2: .* another pipeline, store"):
        Contracts(session).read(["shop"])
    Contracts(session).read(["other"])
