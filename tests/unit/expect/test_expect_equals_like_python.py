"""Comparisons find what plain Python finds, on many small tables."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.expect.compare import Side, difference, options

ROWS = st.lists(
    st.tuples(st.none() | st.integers(0, 3), st.none() | st.sampled_from([0.0, 1.5, float("nan")])),
    max_size=8,
)
MANY = settings(deadline=None, max_examples=40, derandomize=True)


def side(rows):
    columns = list(zip(*rows, strict=True)) or [(), ()]
    types = [pa.int64(), pa.float64()]
    arrays = [pa.array(list(column), kind) for column, kind in zip(columns, types, strict=True)]
    return Side(label="it", table=pa.table(arrays, names=["a", "b"]))


def plain(rows):
    """Rows of Python in which NaN equals NaN."""
    return [(a, "nan" if b is not None and b != b else b) for a, b in rows]


def compared(expected, found, **chosen):
    given = {
        "key": None,
        "ignoring": (),
        "tolerance": None,
        "order": False,
        "strict": False,
        **chosen,
    }
    return difference(side(expected), side(found), options(**given))


@MANY
@given(expected=ROWS, found=ROWS)
def test_rows_as_wholes(expected, found):
    wanted, got = Counter(plain(expected)), Counter(plain(found))

    told = compared(expected, found)

    assert (told.missing, told.extra) == ((wanted - got).total(), (got - wanted).total())
    assert told.none == (wanted == got)


@MANY
@given(expected=ROWS, found=ROWS)
def test_rows_by_place(expected, found):
    pairs = list(zip(plain(expected), plain(found), strict=False))

    told = compared(expected, found, order=True)

    assert len(told.changed) == sum(one != other for one, other in pairs)
    assert told.none == (plain(expected) == plain(found))


@MANY
@given(expected=ROWS, found=ROWS)
def test_rows_by_key(expected, found):
    wanted, got = dict(plain(expected)), dict(plain(found))

    told = compared(expected, found, key="a")

    repeated = [len(rows) != len(dict(rows)) for rows in (expected, found)]
    assert len(told.repeated) == sum(repeated)
    if not any(repeated):
        assert (told.missing, told.extra) == (len(wanted.keys() - got), len(got.keys() - wanted))
        assert len(told.changed) == sum(wanted[key] != got[key] for key in wanted.keys() & got)
