"""``mage-harness mutate`` as a user types it, with the real Mage and the real services."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[3] / "docs" / "mutation.md").read_text("utf-8")
CONTRACT = """\
contract: 1
pipeline: trips
postgres:
  public.trips:
    rows: 3
    columns:
      fare: {nulls: 0, between: [4.0, 7.5]}
      paid: {nulls: 0}
"""


class Hunted:
    def __init__(self, author) -> None:
        author.file("fixtures/contracts/trips.yaml", CONTRACT)
        self.before = {
            path: path.read_bytes() for path in author.project.rglob("*") if path.is_file()
        }
        self.status, self.out = author("trips", "--json", "facts.json")
        self.after = {
            path: path.read_bytes() for path in author.project.rglob("*") if path.is_file()
        }
        self.facts = json.loads((author.folder / "facts.json").read_text("utf-8"))

    def one(self, what: str, line: int) -> dict:
        (found,) = [
            one for one in self.facts["outcomes"] if (one["what"], one["line"]) == (what, line)
        ]
        return found


@pytest.fixture(scope="module")
def hunted(author_in, tmp_path_factory):
    return Hunted(author_in(tmp_path_factory.mktemp("author")))


def test_survivors_make_the_status_1_and_the_source_is_as_it_was(hunted):
    assert hunted.status == 1, hunted.out
    assert hunted.after == hunted.before


def test_the_score_counts_those_that_could_have_been_noticed(hunted):
    counts = hunted.facts["counts"]
    assert hunted.facts["complete"]
    assert counts == {
        "killed": 6,
        "timed out": 0,
        "survived": 4,
        "no difference": 3,
        "not covered": 5,
        "no recording": 0,
    }
    assert hunted.facts["score"] == 60
    assert "4 survived, 3 no difference, 5 not covered, 0 no recording; score 60 %" in hunted.out


@pytest.mark.parametrize(
    ("what", "line", "by"),
    [
        ("> becomes >=", 13, "test-failed paid: @test test_everybody_has_paid failed"),
        ("column tip becomes paid", 14, "block-failed paid: KeyError: 'paid'"),
        ("column paid becomes fare", 14, "contract: postgres public.trips"),
        ("paid['paid'] is not set", 14, "contract: postgres public.trips"),
    ],
)
def test_who_noticed_is_told(hunted, what, line, by):
    one = hunted.one(what, line)
    assert (one["status"], one["block"]) == ("killed", "paid")
    assert one["by"].startswith(by)


def test_other_data_that_nobody_noticed_is_shown_with_a_line_that_would(hunted):
    one = hunted.one("+ becomes -", 2)
    assert (one["status"], one["file"], one["block"]) == ("survived", "utils/money.py", "")
    assert "+    return fare - tip" in one["diff"]
    assert "3 rows missing, 3 rows extra" in one["differences"][0]
    assert one["proposals"] == ['expect.table("public.trips").column("paid").between(6.0, 10.0)']
    # Its head names the file from where the command ran, so that it can be applied there.
    for line in ("--- a/mutation_work/utils/money.py", *one["diff"][2:], *one["proposals"]):
        assert line in hunted.out
    assert "mutation_work/utils/money.py:2" in hunted.out


def test_the_example_of_the_page_is_what_is_shown(hunted):
    (example,) = re.findall(r"<!-- survivor -->\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert example in hunted.out


def test_a_table_that_is_not_replaced_is_seen_in_a_second_run(hunted):
    one = hunted.one("if_exists='replace' becomes 'append'", 15)
    assert one["status"] == "survived"
    assert one["differences"][0] == "run a second time:"
    assert one["proposals"] == ['expect.idempotent("trips")']


def test_a_change_that_changes_no_data_is_no_survivor(hunted):
    assert hunted.one(".dropna() is left out", 13)["status"] == "no difference"


def test_lines_that_never_ran_are_told_without_a_run(hunted):
    unreached = [one for one in hunted.facts["outcomes"] if one["status"] == "not covered"]
    assert {one["line"] for one in unreached} == {16}
    assert all(one["seconds"] == 0 for one in unreached)
    assert "not covered, the run never came there: transformers/paid.py:16" in hunted.out


SUM = """\
def test_what_was_paid(mage, expect):
    mage.run("trips")
    expect.table("public.trips").column("paid").sums_to(22)
"""


def test_tests_of_the_user_look_at_what_nothing_else_noticed(author):
    author.file("tests/test_paid.py", SUM)
    status, out = author("trips", "--operators", "arithmetic,mapping", "--tests", "tests")
    assert status == 0, out
    assert (
        "utils/money.py:2 arithmetic: + becomes - (tests/test_paid.py::test_what_was_paid)" in out
    )


def test_tests_that_fail_unchanged_are_refused(author):
    author.file("tests/test_paid.py", "def test_broken():\n    assert False\n")
    status, out = author("trips", "--operators", "arithmetic", "--tests", "tests")
    assert status == 1
    assert "the tests fail on the unchanged project" in out
    assert "tests/test_paid.py::test_broken" in out


def test_sql_is_changed_too_and_several_may_be_tried_at_a_time(author):
    status, out = author("totals", "--jobs", "2", "--fail-under", "0")
    assert status == 0, out
    assert "aggregate: SUM becomes AVG" in out
    assert "SURVIVORS  totals: 5 mutants: 0 killed, 0 timed out, 2 survived, 3 no difference" in out


def test_a_change_that_never_ends_is_ended(author):
    status, out = author("waits", "--operators", "arithmetic")
    assert status == 0, out
    assert (
        "1 of 1 timed out data_loaders/waits.py:9 arithmetic: -= becomes += (the deadline)" in out
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_tells_what_is_known_so_far(author, jobs):
    with author.start("trips", "--jobs", jobs) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("2 of 13"):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stdout.read()
    assert process.returncode == 130, "".join(lines) + rest
    assert "of 18: " in rest
    assert "everything that it started has been ended" in rest


def test_an_unchanged_pipeline_that_does_not_hold_its_contract_is_told_first(author):
    author.file("fixtures/contracts/trips.yaml", CONTRACT.replace("rows: 3", "rows: 4"))
    status, out = author("trips")
    assert status == 1
    assert "does not hold its contract" in out
    assert "mutants to try" not in out
