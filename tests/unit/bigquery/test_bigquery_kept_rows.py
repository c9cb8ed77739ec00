"""Rows that are replaced go with the last who may read them, not with the last who reads."""

from __future__ import annotations

import threading

from harness.bigquery.kept_rows import KeptRows


class Dropped(list):
    """Stands for the database."""

    def drop(self, name):
        self.append(name)

    def drop_all(self):
        self.append("all")


def kept_rows():
    dropped = Dropped()
    return KeptRows(dropped, threading.RLock()), dropped


def test_without_a_reader_rows_go_at_once():
    kept, dropped = kept_rows()
    kept.discard("a")
    with kept.reading():
        pass
    kept.discard("b")
    assert dropped == ["a", "b"]


def test_readers_that_overlap_for_ever_keep_only_what_they_may_read():
    kept, dropped = kept_rows()
    reader = kept.reading()
    reader.__enter__()
    for number in range(5):
        kept.discard(f"t_{number}")
        following = kept.reading()
        following.__enter__()
        assert dropped == [f"t_{one}" for one in range(number)]
        reader.__exit__(None, None, None)
        assert dropped == [f"t_{one}" for one in range(number + 1)]
        reader = following


def test_the_oldest_reader_keeps_what_younger_ones_have_let_go():
    kept, dropped = kept_rows()
    with kept.reading():
        with kept.reading():
            kept.discard("a")
        kept.discard("b")
        with kept.reading():
            pass
        assert dropped == []
    assert dropped == ["a", "b"]


def test_what_is_cleared_is_not_dropped_again():
    kept, dropped = kept_rows()
    with kept.reading():
        kept.discard("a")
        kept.clear()
        kept.discard("b")
    assert dropped == ["all", "b"]


class Holder:
    """Stands for a snapshot."""

    def __init__(self, *rows):
        self.rows = rows


def test_frozen_rows_stay_until_nobody_holds_what_shows_them():
    kept, dropped = kept_rows()
    first, second = Holder("a", "b"), Holder("a")
    kept.freeze(first)
    kept.freeze(second)
    kept.discard("a")
    kept.discard("b")
    kept.discard("c")
    assert dropped == ["c"]
    assert kept.is_frozen("b")
    del first
    assert not kept.is_frozen("b")
    with kept.reading():
        pass
    assert dropped == ["c", "b"]
    del second
    kept.discard("d")
    assert dropped == ["c", "b", "a", "d"]


def test_rows_that_are_named_again_are_not_dropped():
    kept, dropped = kept_rows()
    holder = Holder("a")
    kept.freeze(holder)
    kept.discard("a")
    with kept.reading():
        kept.discard("b")
        kept.take_up({"a", "b"})
    del holder
    kept.discard("c")
    assert dropped == ["c"]
