"""How a run with a change is judged; the runs themselves are those of the integration tests."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.errors import CheckFailedError, InputError
from harness.mutate import hunt as module
from harness.mutate.baseline import Baseline
from harness.mutate.change import Change, mutant
from harness.mutate.hunt import Hunt, hunted
from harness.mutate.outcome import KILLED, LATE, SAME, SURVIVED, UNRECORDED
from harness.mutate.suite import Told
from harness.mutate.trial import Target
from harness.problem import Problem
from harness.rerun.difference import Comparison, Difference
from harness.rerun.world import World

CHANGE = Change(start=0, end=1, new="2", operator="number", what="1 becomes 2")
MUTANT = mutant(CHANGE, file=Path("a.py"), block="a", text="1", after="2")
FAILED = Problem(code="block-failed", block="a", message="KeyError: 'x'\nmore")


class World0:
    """Stands in for the runs and what they left."""

    def __init__(self, monkeypatch) -> None:
        self.run = SimpleNamespace(
            ok=True, problems=(), process=SimpleNamespace(timed_out=False), pipeline="p"
        )
        self.held = None
        self.differs = ()
        self.told = Told()
        self.asked = []
        self.session = SimpleNamespace(stack=None, run=self.again)
        monkeypatch.setattr(module, "tried", self.tried)
        monkeypatch.setattr(module, "Contracts", lambda _session: SimpleNamespace(hold=self.hold))
        monkeypatch.setattr(module, "written", lambda _stack, _before: World(contents={}))
        monkeypatch.setattr(module, "differences", self.differences)

    def tried(self, _session, _target, *, changed, deadline):
        self.asked.append((changed, deadline))
        return SimpleNamespace(run=self.run, variables={}, before=())

    def again(self, _pipeline, *, asked):
        self.asked.append(("again", asked.deadline))
        return self.run

    def hold(self, _run, *, variables):
        if isinstance(self.held, Exception):
            raise self.held
        return self.held

    def differences(self, *_args, **_options):
        if isinstance(self.differs, Exception):
            raise self.differs
        return iter(self.differs)

    def outcome(self, mutant=MUTANT, *, seconds=1.0, suite=None, contract="", apart=None):
        baseline = Baseline(
            seconds=seconds,
            world=World(contents={}),
            unsteady=frozenset({("postgres", "public.log")}),
            comparison=Comparison(pipeline="p", keys={}, ignoring=()),
            columns={},
            lines={},
            contract=contract,
            notes=(),
        )
        hunt = Hunt(target=Target(pipeline="p"), baseline=baseline, suite=suite, apart=apart)
        (found,) = hunted(hunt, self.session, [mutant], jobs=1)
        return found

    def suite(self):
        return SimpleNamespace(run=lambda _changed, *, deadline: self.told)


@pytest.fixture
def world(monkeypatch):
    return World0(monkeypatch)


def of(sink):
    return Difference(service="postgres", sink=sink, lines=("it differs",))


def test_it_runs_with_the_change_and_a_deadline_of_its_own(world):
    assert world.outcome().status == SAME
    world.outcome(seconds=3.0)
    assert world.asked == [({Path("a.py"): "2"}, 10.0), ({Path("a.py"): "2"}, 15.0)]


def test_a_run_that_does_not_end_counts_as_noticed(world):
    world.run.process.timed_out = True
    world.run.ok = False
    assert world.outcome().status == LATE


def test_the_verdict_notices_first(world):
    world.run.ok, world.run.problems = False, (FAILED,)
    found = world.outcome()
    assert (found.status, found.by) == (KILLED, "block-failed a: KeyError: 'x'")


def test_a_url_that_nothing_answers_says_nothing_of_who_would_notice(world):
    asked = Problem(code="http-unrecorded", block="a", message="GET https://a.test/13: no")
    world.run.ok, world.run.problems = False, (FAILED, asked)
    found = world.outcome()
    assert (found.status, found.by) == (UNRECORDED, "GET https://a.test/13: no")


def test_a_contract_that_cannot_be_held_has_noticed(world):
    world.held = InputError("the limit does not fit the column")
    found = world.outcome()
    assert (found.status, found.by) == (KILLED, "contract: the limit does not fit the column")


def test_other_data_survives_and_a_contract_is_proposed_where_there_is_none(world):
    world.differs = (of("public.trips"),)
    found = world.outcome()
    assert (found.status, found.differences) == (SURVIVED, ("it differs",))
    assert found.proposals == ("mage-harness contract write p",)
    assert world.outcome(contract="p.yaml").proposals == ()


def test_what_differs_from_run_to_run_by_itself_is_no_sign(world):
    world.differs = (of("public.log"),)
    assert world.outcome().status == SAME


@pytest.mark.parametrize("error", [CheckFailedError("no parquet"), InputError("no such key")])
def test_what_cannot_be_compared_any_more_is_a_difference(world, error):
    world.differs = error
    found = world.outcome()
    assert (found.status, found.differences) == (SURVIVED, (error.symptom,))


def test_tests_look_at_what_nothing_else_noticed(world):
    world.differs = (of("public.trips"),)
    assert world.outcome(suite=world.suite()).status == SURVIVED
    world.told = Told(failed="tests/a.py::test_b")
    found = world.outcome(suite=world.suite())
    assert (found.status, found.by, found.differences) == (KILLED, "tests/a.py::test_b", ())
    world.told = Told(late=True)
    assert world.outcome(suite=world.suite()).status == LATE


def test_an_option_that_changed_nothing_runs_again_where_that_is_safe(world):
    change = Change(start=0, end=1, new="2", operator="option", what="a becomes b")
    option = mutant(change, file=Path("a.py"), block="a", text="1", after="2")
    assert world.outcome(option).status == SAME
    assert [first for first, _ in world.asked].count("again") == 0
    assert world.outcome(option, apart=frozenset()).status == SAME
    assert [first for first, _ in world.asked].count("again") == 1


@pytest.mark.parametrize(
    ("apart", "status", "proposals"),
    [
        (frozenset(), SURVIVED, ('expect.idempotent("p")',)),
        (frozenset({("gcs", "b/t/")}), SURVIVED, ()),
        (frozenset({("postgres", "public.trips")}), SAME, ()),
    ],
)
def test_a_second_run_is_compared_where_the_unchanged_one_leaves_the_same(
    world, apart, status, proposals
):
    change = Change(start=0, end=1, new="2", operator="option", what="a becomes b")
    option = mutant(change, file=Path("a.py"), block="a", text="1", after="2")

    def again(_pipeline, *, asked):
        world.differs = (of("public.trips"),)
        return world.run

    world.session.run = again
    found = world.outcome(option, apart=apart)
    assert (found.status, found.proposals) == (status, proposals)
