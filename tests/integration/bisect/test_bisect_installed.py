"""Versions of a library, each installed into an environment of Mage's that is made for it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.bisect.conftest import Author

pytestmark = pytest.mark.slow


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "cache"
    yield folder
    # Each environment is large, and pytest keeps what tests leave.
    shutil.rmtree(folder, ignore_errors=True)


def test_the_version_that_has_not_what_a_block_wants_is_found(author: Author, cache: Path) -> None:
    # Humanize has it since 4.2.
    author.change("import pandas as pd", "import humanize\nimport pandas as pd")
    author.change("    return", "    assert humanize.metric(1500, 'V') == '1.50 kV'\n    return")
    status, out = author(
        *("--package", "humanize==4.2.0..4.0.0", "--json", "facts.json"),
        MAGE_HARNESS_CACHE=str(cache),
    )
    assert status == 0, out
    assert "humanize 4.1.0 is the first bad version; humanize 4.2.0 is good" in out
    facts = json.loads((author.folder / "facts.json").read_text("utf-8"))
    assert [(step["name"], step["verdict"]) for step in facts["steps"]] == [
        ("4.2.0", "good"),
        ("4.0.0", "bad"),
        ("4.1.0", "bad"),
    ]
    assert "AttributeError" in out
