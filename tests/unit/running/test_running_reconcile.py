from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import ExpectationError, InputError
from harness.running.block_run import BlockRun
from harness.running.reconcile import Holdings, Standing
from harness.running.result import PipelineRun, ProcessResult
from harness.services.protocol import Sink

PROCESS = ProcessResult(
    exit_status=0,
    timed_out=False,
    began=0.0,
    seconds=1.0,
    stdout=Path("stdout"),
    stderr=Path("stderr"),
    events=(),
)


def block(uuid: str, *above: str, given: tuple[int | None, ...] = (), out: int | None) -> BlockRun:
    """A block by its rows; one whose name begins with `export` is an exporter."""
    known = [rows for rows in given if rows is not None]
    return BlockRun(
        uuid=uuid,
        status="completed",
        type="data_exporter" if uuid.startswith("export") else "transformer",
        upstream=above,
        given=given,
        left=(out,),
        rows_in=sum(known) if known else None,
        rows_out=out,
    )


def sink(name: str, rows: int | None, version: str = "1") -> Sink:
    return Sink(service="postgres", name=name, rows=rows, version=version)


def run(*blocks: BlockRun, before: tuple[Sink, ...] = (), after: tuple[Sink, ...]) -> PipelineRun:
    return PipelineRun(
        pipeline="trips",
        blocks=blocks,
        problems=(),
        process=PROCESS,
        variables_folder=Path("variables"),
        holdings=Holdings(before=before, now=lambda: after),
    )


LOAD = block("load", out=10)
CLEAN = block("clean", "load", given=(10,), out=7)
EXPORT = block("export", "clean", given=(7,), out=None)


def test_each_drop_is_of_a_block_and_all_rows_arrive():
    ledger = run(LOAD, CLEAN, EXPORT, after=(sink("trips", 7),)).reconciles()
    assert ledger["clean"].dropped == 3
    assert ledger["export"].sinks == ("trips",)
    assert str(ledger).splitlines() == [
        "load: no rows in; 10 rows out",
        "clean: 10 from load; 7 rows out, 3 dropped",
        "export: 7 from clean; in trips",
    ]


def test_appended_rows_are_what_the_sink_gained():
    ledger = run(
        LOAD, CLEAN, EXPORT, before=(sink("trips", 5),), after=(sink("trips", 12, "2"),)
    ).reconciles()
    assert ledger["export"].sinks == ("trips",)


def test_a_sink_that_was_not_written_has_no_rows_of_this_run():
    same = (sink("trips", 7),)
    with pytest.raises(ExpectationError, match="no sink has them: nothing else was written"):
        run(LOAD, CLEAN, EXPORT, before=same, after=same).reconciles()


def test_rows_that_did_not_arrive_are_told_with_what_did():
    with pytest.raises(ExpectationError) as failed:
        run(LOAD, CLEAN, EXPORT, after=(sink("trips", 6),)).reconciles()
    assert "export was given 7 rows, and no sink has them: postgres trips has 6 rows" in str(
        failed.value
    )
    assert failed.value.facts["entries"][1]["dropped"] == 3


def test_rows_lost_between_two_blocks_are_told():
    short = block("clean", "load", given=(9,), out=7)
    with pytest.raises(ExpectationError, match="load returned 10 rows and clean was given 9"):
        run(LOAD, short, EXPORT, after=(sink("trips", 7),)).reconciles()


def test_children_of_a_dynamic_block_each_have_a_part():
    parts = replace(block("clean", "load", given=(3,), out=7), children=4)
    run(LOAD, parts, EXPORT, after=(sink("trips", 7),)).reconciles()


@pytest.mark.parametrize("dropped", [{"clean": 3}, {"clean": range(1, 4)}])
def test_declared_drops_are_held_to(dropped):
    run(LOAD, CLEAN, EXPORT, after=(sink("trips", 7),)).reconciles(dropped=dropped)


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ({}, "clean dropped 3 rows, declared: 0"),
        ({"clean": 2}, "clean dropped 3 rows, declared: 2"),
        ({"clean": range(4, 9)}, "clean dropped 3 rows, declared: 4 or more, below 9"),
        ({"clean": 3, "load": 1}, "load dropped a number of rows that cannot be counted"),
    ],
)
def test_other_drops_than_declared_are_told(dropped, said):
    with pytest.raises(ExpectationError, match=said):
        run(LOAD, CLEAN, EXPORT, after=(sink("trips", 7),)).reconciles(dropped=dropped)


def test_rows_that_a_block_adds_can_be_declared():
    doubled = block("clean", "load", given=(10,), out=20)
    export = block("export", "clean", given=(20,), out=None)
    found = run(LOAD, doubled, export, after=(sink("trips", 20),))
    assert found.reconciles()["clean"].added == 10
    with pytest.raises(ExpectationError, match="clean added 10 rows, declared: 0"):
        found.reconciles(added={})


def test_two_exporters_need_two_sinks_or_one_that_gained_both():
    other = block("export_too", "clean", given=(7,), out=None)
    with pytest.raises(ExpectationError, match="export_too was given 7 rows"):
        run(LOAD, CLEAN, EXPORT, other, after=(sink("trips", 7),)).reconciles()
    run(LOAD, CLEAN, EXPORT, other, after=(sink("trips", 14),)).reconciles()
    ledger = run(LOAD, CLEAN, EXPORT, other, after=(sink("a", 7), sink("b", 7))).reconciles()
    assert "export_too: 7 from clean; in b or a" in str(ledger)


@pytest.mark.parametrize("turned", [False, True])
def test_each_exporter_finds_its_sink_in_any_order(turned):
    one = block("export_one", "load", given=(100,), out=None)
    two = block("export_two", "load", given=(50,), out=None)
    after = [sink("grown", 100, "2"), sink("new", 100)]
    load = block("load", out=None)
    found = run(
        load, one, two, before=(sink("grown", 50),), after=tuple(after[::-1] if turned else after)
    )
    ledger = found.reconciles()
    assert ledger["export_one"].sinks == ("new",)
    assert ledger["export_two"].sinks == ("grown",)


def test_an_exporter_that_was_given_nothing_needs_no_sink():
    export = block("export", "load", given=(0,), out=None)
    run(block("load", out=0), export, after=()).reconciles()


@pytest.mark.parametrize("rows", [105, 100])
def test_a_union_and_a_look_up_drop_and_add_nothing(rows):
    joined = block("joined", "trips", "zones", given=(100, 5), out=rows)
    run(block("trips", out=100), block("zones", out=5), joined, after=()).reconciles(
        dropped={}, added={}
    )


def test_what_became_of_the_rows_of_several_tables_is_not_counted():
    joined = block("joined", "trips", "zones", given=(100, 5), out=90)
    found = run(block("trips", out=100), block("zones", out=5), joined, after=())
    assert "not counted" in found.reconciles(dropped={}).lines()[2]
    with pytest.raises(ExpectationError, match="cannot be counted"):
        found.reconciles(dropped={"joined": 15})


def test_rows_spread_over_several_sinks_are_added_up():
    ledger = run(LOAD, CLEAN, EXPORT, after=(sink("a", 3), sink("b", 4))).reconciles()
    assert ledger["export"].sinks == ("a", "b")


def test_sinks_of_no_exporter_are_told():
    ledger = run(LOAD, CLEAN, EXPORT, after=(sink("log", 1), sink("trips", 7))).reconciles()
    assert "of no exporter: postgres log has 1 row" in ledger.lines()


def test_an_exporter_that_writes_elsewhere_is_declared():
    found = run(LOAD, CLEAN, EXPORT, after=())
    with pytest.raises(ExpectationError, match="elsewhere="):
        found.reconciles()
    found.reconciles(elsewhere=["export"])


def test_a_block_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no block cleann"):
        run(LOAD, CLEAN, EXPORT, after=()).reconciles(dropped={"cleann": 3})


def test_rows_cannot_be_reconciled_once_something_else_has_run():
    standing = Standing(lambda: [sink("trips", 7)])
    found = replace(run(LOAD, CLEAN, EXPORT, after=()), holdings=standing.around([]))
    found.reconciles()
    standing.around([])
    with pytest.raises(InputError, match="right after the run"):
        found.reconciles()


def test_nobody_looked_before():
    with pytest.raises(InputError, match=r"mage\.run"):
        replace(run(LOAD, after=()), holdings=None).reconciles()
