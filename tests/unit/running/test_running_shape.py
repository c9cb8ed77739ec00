from __future__ import annotations

import pandas as pd
import pytest

from harness.tap import SITE


@pytest.fixture
def rows(monkeypatch):
    monkeypatch.syspath_prepend(str(SITE))
    from mage_harness_tap.shape import rows

    return rows


def test_several_outputs_of_a_block_have_the_rows_of_their_tables(rows):
    assert rows([pd.DataFrame({"a": range(10)}), pd.DataFrame({"a": range(5)}), "a name"]) == 15


def test_a_list_of_records_has_a_row_for_each(rows):
    assert rows([{"a": 1}, {"a": 2}]) == 2
    assert rows([]) == 0
    assert rows("text") is None
