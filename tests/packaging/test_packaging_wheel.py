"""The built wheel holds what an installed harness needs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import uv

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [uv.find_uv_bin(), "build", "--wheel", "--quiet", "--out-dir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_tap_is_in_it(names: list[str]) -> None:
    assert "harness/tap/site/sitecustomize.py" in names
    assert "harness/tap/site/mage_harness_tap/blocks.py" in names


def test_it_is_typed_and_holds_nothing_but_the_package(names: list[str]) -> None:
    assert "harness/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"harness", "mage_harness"}


def test_the_command_and_the_plugin_are_registered() -> None:
    (command,) = entry_points(group="console_scripts", name="mage-harness")
    assert command.value == "harness.cli:main"
    (plugin,) = entry_points(group="pytest11", name="mage_harness")
    assert plugin.value == "harness.plugin"


def test_the_plugin_imports_nothing_heavy_until_it_is_used() -> None:
    code = (
        "import sys, harness.plugin; "
        "print([n for n in ('duckdb', 'pyarrow', 'pydantic', 'mitmproxy', 'google.cloud') "
        "if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_pins_name_each_package_that_is_asked_for() -> None:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text())
    pins = {pin.split("==")[0] for pin in content["tool"]["uv"]["constraint-dependencies"]}
    asked = {
        line.split(">")[0].split("=")[0].split("[")[0].lower().replace(".", "-")
        for line in content["project"]["dependencies"]
    }
    assert asked <= {pin.replace(".", "-") for pin in pins}
