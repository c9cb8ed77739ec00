"""The search finds the first bad one, in no more steps than it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from harness.bisect.search import Search, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection


def searched(last: int, first_bad: int, unable: Collection[int] = ()) -> tuple[Search, list[int]]:
    """Search to the end; the numbers that were judged, in their order."""
    search = Search(good=0, bad=last)
    asked: list[int] = []
    while (at := search.following()) is not None:
        asked.append(at)
        if at in unable:
            search.judged(at, Verdict.SKIPPED)
        else:
            search.judged(at, Verdict.BAD if at >= first_bad else Verdict.GOOD)
    return search, asked


ends = st.integers(1, 300).flatmap(lambda last: st.tuples(st.just(last), st.integers(1, last)))


@given(ends)
def test_the_first_bad_one_is_found_in_so_many_steps(ends: tuple[int, int]) -> None:
    last, first_bad = ends
    most = Search(good=0, bad=last).steps
    search, asked = searched(last, first_bad)
    assert list(search.suspects) == [first_bad]
    assert len(asked) <= most <= (last - 1).bit_length()


@given(ends, st.sets(st.integers(1, 299)))
def test_with_skips_it_is_among_the_suspects_and_all_others_of_them_were_skipped(
    ends: tuple[int, int], unable: set[int]
) -> None:
    last, first_bad = ends
    search, asked = searched(last, first_bad, unable)
    *before, bad = search.suspects
    assert first_bad in search.suspects
    assert set(before) <= unable
    assert bad == last or bad not in unable
    assert len(asked) == len(set(asked))
    skipped = len(unable.intersection(asked))
    assert len(asked) - skipped <= Search(good=0, bad=last).steps


def test_two_that_follow_each_other_need_no_step() -> None:
    search, asked = searched(1, 1)
    assert asked == []
    assert list(search.suspects) == [1]
    assert search.steps == 0


def test_where_nothing_between_can_be_judged_all_are_suspects() -> None:
    search, asked = searched(4, 2, {1, 2, 3})
    assert list(search.suspects) == [1, 2, 3, 4]
    assert sorted(asked) == [1, 2, 3]
