"""Tables of thousands of columns, and cells without a value."""

import pytest

KINDS = (
    *("INT64", "BOOL", "FLOAT64", "NUMERIC", "BIGNUMERIC", "STRING", "JSON", "BYTES", "DATE"),
    *("DATETIME", "TIME", "TIMESTAMP", "INTERVAL", "RANGE<DATE>", "STRUCT<a INT64>"),
)
COLUMNS = 5_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_null_of_each_type_is_a_null_alone_and_within(client, kind):
    (row,) = client.query_and_wait(
        f"SELECT x, STRUCT(x AS y) AS s FROM (SELECT CAST(NULL AS {kind}) AS x)"
    )
    assert row["x"] is None
    assert row["s"] == {"y": None}


def test_the_page_of_a_wide_table(client):
    columns = ", ".join(f"IF(r = 2, NULL, r * {number}) AS c{number}" for number in range(COLUMNS))
    client.query_and_wait(
        f"CREATE TABLE d.wide AS SELECT {columns} FROM UNNEST([1, 2, 3]) AS r ORDER BY r"
    )
    rows = list(client.list_rows(client.get_table("d.wide")))
    assert sorted(row["c7"] or 0 for row in rows) == [0, 7, 21]
    assert [sum(value is None for value in row.values()) for row in rows].count(COLUMNS) == 1
