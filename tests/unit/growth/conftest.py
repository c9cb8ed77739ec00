"""Work is counted in calls, which no other process of the machine changes, and not in time."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def calls():
    """Gives how many calls a function makes, each step of a generator being one."""

    def counted(function):
        count = 0

        def see(_frame, event, _argument):
            nonlocal count
            count += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(see)
        try:
            function()
        finally:
            sys.setprofile(before)
        return count

    return counted


@pytest.fixture
def grows(calls):
    """Gives how many times the work becomes when its size becomes four times."""

    def factor(work):
        work(2)()  # what is loaded at a first use is no part of it
        small, large = calls(work(10)), calls(work(40))
        return large / small

    return factor
