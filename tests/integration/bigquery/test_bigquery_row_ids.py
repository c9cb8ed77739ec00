"""Columns named like what the stub numbers rows by: the order of pages stays."""

from __future__ import annotations

import pytest

NUMBERS = "UNNEST(GENERATE_ARRAY(1, 5000)) AS x"


@pytest.mark.parametrize("name", ["rowid", "ROWID", "Row0"])
def test_rows_of_a_table_come_in_their_order(client, name):
    client.query_and_wait(f"CREATE TABLE d.t AS SELECT x, -x AS `{name}` FROM {NUMBERS} ORDER BY x")
    whole = client.list_rows("d.t")
    assert [row.x for row in whole] == list(range(1, 5001))
    paged = client.list_rows("d.t", page_size=1500, start_index=10)
    assert [row[1] for row in paged] == [-x for x in range(11, 5001)]


def test_rows_of_an_answer_come_in_their_order(client):
    rows = client.query_and_wait(
        f"SELECT -x AS rowid, -x AS Row0, -x AS `row1` FROM {NUMBERS} ORDER BY x", page_size=1000
    )
    assert [row.rowid for row in rows] == [-x for x in range(1, 5001)]


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("name", ["rowid", "row0"])
def test_a_session_of_a_table_that_has_changed_reads_what_it_saw(client, stub, name):
    client.query_and_wait(f"CREATE TABLE d.t AS SELECT x, -x AS `{name}` FROM {NUMBERS} ORDER BY x")
    with stub.read_client() as reader:
        table = "projects/test-project/datasets/d/tables/t"
        session = reader.create_read_session(
            {"parent": "projects/test-project", "read_session": {"table": table, "data_format": 2}}
        )
        client.query_and_wait("DELETE d.t WHERE x > 10")
        pages = [
            page.to_arrow()
            for one in session.streams
            for page in reader.read_rows(one.name).rows().pages
        ]
    assert [x for page in pages for x in page["x"].to_pylist()] == list(range(1, 5001))
