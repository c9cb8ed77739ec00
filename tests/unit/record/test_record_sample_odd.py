"""Samples of files that no textbook has."""

from __future__ import annotations

import pytest

from harness.record.tabular import shrink

ROWS = b"".join(b"%d,n%d,%d\n" % (number, number, number % 7) for number in range(1000))


def lines(body, count=10):
    found = shrink(body, format="csv", count=count)
    return None if found is None else found.body.splitlines(keepends=True)


def test_a_file_without_a_header_is_sampled_too():
    kept = lines(ROWS)
    assert kept[0] == b"0,n0,0\n"
    assert len(kept) == len(set(kept)) == 10
    assert set(kept) <= set(ROWS.splitlines(keepends=True))


@pytest.mark.parametrize(
    "head", [b"\xef\xbb\xbfid,name,x\n", b"id,name,x\n", b"a,a,n\n", b"n,m,N\n"]
)
def test_a_header_stays_as_it_is(head):
    assert lines(head + ROWS)[0] == head


@pytest.mark.parametrize(
    "body",
    [
        b"id,name\n" + b"".join(b'%d,"a\nb"\n' % number for number in range(100)),
        b"id,name\n\n" + b"".join(b"%d,y\n\n" % number for number in range(100)),
        ("id,name,x\n" + ROWS.decode()).encode("utf-16"),
        b"",
        b"a,b\n",
    ],
)
def test_what_has_rows_that_are_no_lines_stays_whole(body):
    assert lines(body) is None
