"""A pipeline's source is looked at once within a run, and anew after it."""

from __future__ import annotations

import pytest

from harness.inspect.inspection import inspect, looked_once
from harness.project.reader import read_project

METADATA = """type: python
blocks:
- {uuid: one, type: data_loader, upstream_blocks: [], downstream_blocks: []}
"""
CODE = "import pandas as pd\n\n@data_loader\ndef load():\n    pd.read_csv('https://a.org/{}.csv')\n"


@pytest.fixture
def shop(tmp_path):
    for name, text in (
        ("pipelines/p/metadata.yaml", METADATA),
        ("data_loaders/one.py", CODE.format("before")),
    ):
        (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / name).write_text(text)
    return read_project(tmp_path / "shop")


def test_what_was_seen_holds_within_and_no_longer(shop):
    def seen(**environ):
        found = inspect(shop, shop.pipeline("p"), environ=environ)
        return [use.name for use in found.sources]

    with looked_once():
        assert seen() == ["https://a.org/before.csv"]
        shop.within("data_loaders/one.py").write_text(CODE.format("after"))
        assert seen() == ["https://a.org/before.csv"]
        # Other variables may fill other holes.
        assert seen(YEAR="2021") == ["https://a.org/after.csv"]
        with looked_once():
            assert seen() == ["https://a.org/after.csv"]
        assert seen() == ["https://a.org/before.csv"]
    assert seen() == ["https://a.org/after.csv"]
