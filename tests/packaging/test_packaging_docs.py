"""What the README and the handbook promise is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_examples_are_tests_that_run() -> None:
    found = 0
    for file in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for named, code in re.findall(
            r"<!-- include (\S+) -->\n```python\n(.*?)```", file.read_text(), re.DOTALL
        ):
            assert (ROOT / named).read_text() == code, f"{file.name}: {named}"
            found += 1
    assert found >= 2


@pytest.mark.parametrize("name", ["run", "test"])
def test_each_of_the_two_lines_is_one_line(name: str) -> None:
    block = re.search(rf"<!-- {name} -->\n```sh\n(.*?)\n```", README, re.DOTALL)
    assert block is not None
    assert "\n" not in block.group(1)


def test_links_lead_somewhere() -> None:
    for file in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", file.read_text()):
            if "://" not in target:
                assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_each_code_of_a_problem_is_explained() -> None:
    explained = set(re.findall(r"`([a-z0-9-]+)`", (ROOT / "docs" / "verdict.md").read_text()))
    used = set()
    for folder in ("running/verdict", "project/lint", "services", "replay", "bigquery", "cli"):
        for file in (ROOT / "harness" / folder).rglob("*.py"):
            text = file.read_text()
            used.update(re.findall(r'code="([a-z0-9]+(?:-[a-z0-9]+)+)"', text))
            used.update(re.findall(r'_problem\(\s*evidence,\s*block,\s*"([a-z-]+)"', text))
    assert len(used) > 20
    assert used - explained == set()


def test_each_setting_is_explained() -> None:
    explained = set(
        re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    )
    assert explained == set(Settings.model_fields)


def test_no_file_names_a_package_index() -> None:
    pattern = re.compile(r"(index-url|index_url|find-links)[\"' ]*[:=]|/simple/", re.IGNORECASE)
    for file in (ROOT / "pyproject.toml", ROOT / "tox.ini", ROOT / ".ci" / "run"):
        assert not pattern.search(file.read_text()), file
