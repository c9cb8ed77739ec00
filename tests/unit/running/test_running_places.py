from __future__ import annotations

import pytest

from harness.running.verdict.places import def_line, line_of_text

SOURCE = '''import pandas as pd

@data_exporter
@retry(
    times=3,
)
async def export(df, **kwargs):
    query = """
        INSERT INTO shop.orders
        SELECT 1
    """
    loader.execute(query)
'''


@pytest.mark.parametrize(("first", "line"), [(3, 7), (7, 7), (None, None), (12, 12)])
def test_the_line_of_def_is_found_below_its_decorators(first: int | None, line: int | None) -> None:
    assert def_line(SOURCE, first) == line


@pytest.mark.parametrize(
    ("detail", "line"),
    [
        ("INSERT INTO shop.orders SELECT 1", 9),
        ("insert   into shop.orders values (1)", 9),
        ("DELETE FROM shop.orders", None),
        ("INSERT", None),
        ("", None),
        ("import pandas as pd (((", 1),
    ],
)
def test_a_statement_is_found_in_the_source_whatever_its_spaces(
    detail: str, line: int | None
) -> None:
    assert line_of_text(SOURCE, detail) == line
