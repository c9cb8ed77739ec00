"""The marker of a test: its time in each way of writing it, and nothing that is silently another."""

from __future__ import annotations

# What a test is given in place of a session: the settings' time, and whether it is alone.
CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def mage_sessions():
    return lambda settings, alone=False: (str(settings.at), alone)
"""
IMPORTS = "import datetime as dt\nimport pytest\n"
TEST = """
@pytest.mark.mage_at{given}
def test_{number}(mage_session):
    assert mage_session == ({at!r}, True)
"""
AT = "2021-02-01 05:00:00+00:00"
TAKEN = {
    "('2021-02-01T05:00Z')": AT,
    "(time='2021-02-01T05:00Z')": AT,
    "(time=dt.datetime(2021, 2, 1, 5, tzinfo=dt.UTC))": AT,
    "": "None",
    "()": "None",
    "(None)": "None",
    "(time=None)": "None",
}
REFUSED = {
    "('2021-02-01', '2021-02-02')": "given: '2021-02-02'",
    "('2021-02-01', time='2021-02-02')": "given: time='2021-02-02'",
    "(at='2021-02-01')": "given: at='2021-02-01'",
    "(time='soon')": "'soon' cannot be the time of a run",
}


def ran(pytester, times):
    tests = [
        TEST.format(given=given, number=number, at=at)
        for number, (given, at) in enumerate(times.items())
    ]
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(IMPORTS + "".join(tests))
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "--strict-markers")


def test_a_time_is_given_by_its_place_or_by_its_name_or_not_at_all(pytester):
    ran(pytester, TAKEN).assert_outcomes(passed=len(TAKEN))


def test_anything_else_is_refused_in_words(pytester):
    result = ran(pytester, REFUSED)
    result.assert_outcomes(errors=len(REFUSED))
    for said in REFUSED.values():
        result.stdout.fnmatch_lines([f"*{said}*", "*remedy: *2021-02-01T05:00Z*"])
    result.stdout.no_fnmatch_line("*TypeError*")
