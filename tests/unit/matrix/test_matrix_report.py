"""What a matrix shows in the terminal and as JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pyarrow as pa
import pytest
from rich.console import Console

from harness.matrix.cells import Cell
from harness.matrix.comparing import baseline_of, differences, only
from harness.matrix.report import CellReport, MatrixReport, Outcome
from harness.matrix.seen import Seen
from harness.matrix.table import print_matrix
from harness.problem import Problem
from harness.rerun.world import Content, World
from harness.services.protocol import Column, Sink
from harness.settings import Settings

SCHEMA = Path(__file__).parents[3] / "docs" / "matrix.schema.json"
SETTINGS = Settings(python="3.11")
FAILED = Problem(code="block-failed", message="KeyError: 'fare'", pipeline="p", block="load")


def content(service="postgres", name="public.fares", title="", **columns):
    table = pa.table(columns)
    made = tuple(Column(name=one.name, type=str(one.type)) for one in table.schema)
    sink = Sink(service=service, name=name, rows=table.num_rows, columns=made)
    return Content(sink=sink, table=table, digest="", title=title)


def seen(*problems, fare=(1.0, 2.0), loaded=("then", "then"), sink=True):
    block = content("block", "load/output_0", "output_0 of block load in p", fare=list(fare))
    kept = content(fare=list(fare), loaded=list(loaded))
    return Seen(
        pipeline="p",
        problems=problems,
        seconds=1.26,
        blocks=World(contents={("block", "load/output_0"): block}),
        sinks=World(contents={("postgres", "public.fares"): kept} if sink else {}),
    )


def compared(found, *, first=None, second=None):
    baseline = baseline_of(SETTINGS, first or seen(), second, name="mage 1")
    return baseline, differences(baseline, found)


def test_what_differs_from_run_to_run_is_no_difference():
    again = seen(loaded=("later", "later"))
    baseline, found = compared(seen(loaded=("now", "now")), second=again)
    assert found == ()
    assert list(baseline.notes) == ["p: columns that may differ from run to run: loaded"]
    assert compared(seen(loaded=("now", "now")))[1] != ()


def test_a_sink_whose_rows_differ_from_run_to_run_is_told_and_left_out():
    baseline, found = compared(seen(fare=(1.0, 3.0)), second=seen(fare=(1.0,), loaded=("then",)))
    assert found == ()
    assert "p: Postgres table public.fares differs from run to run, and is not compared" in list(
        baseline.notes
    )


def test_a_difference_begins_at_the_block_and_shows_rows():
    (block, sink) = compared(seen(fare=(1.0, 2.5)))[1]
    assert (block.sink, sink.sink) == ("load/output_0", "public.fares")
    assert block.lines[0].startswith("output_0 of block load in p: expected the rows of mage 1")
    assert "2.5" in "\n".join(block.lines)


def test_a_type_is_a_difference_and_a_sink_that_is_not_there():
    found = compared(seen(fare=(1, 2), sink=False))[1]
    assert [one.lines[0] for one in found] == [
        "output_0 of block load in p: columns of another type than with mage 1",
        "Postgres table public.fares is not there, and is with mage 1",
    ]


@pytest.mark.parametrize(
    ("first", "found", "lines"),
    [
        (seen(), seen(FAILED), ("it failed, and not with mage 1", str(FAILED))),
        (
            seen(FAILED),
            seen(),
            ("it passed, and not with mage 1", f"only with mage 1: {FAILED}"),
        ),
    ],
)
def test_another_verdict_is_told_and_not_what_was_left_midway(first, found, lines):
    (one,) = compared(found, first=first)[1]
    assert (one.service, one.lines) == ("verdict", lines)


def test_a_failure_in_the_same_place_is_the_same():
    assert compared(seen(FAILED, fare=(7.0,), loaded=("x",)), first=seen(FAILED))[1] == ()


def cell(name, *, unable=()):
    return Cell(name=name, settings=SETTINGS, mage=name.split()[-1], unable=unable)


@pytest.fixture
def report():
    others = {"mage 2": seen(fare=(1.0, 2.5)), "mage 3": seen(), "mage 4": seen(FAILED)}
    return MatrixReport(
        cells=(
            CellReport(cell=cell("mage 1"), outcomes=(Outcome(seen=only(seen())),)),
            *(
                CellReport(
                    cell=cell(name),
                    outcomes=(Outcome(seen=only(one), differences=compared(one)[1]),),
                )
                for name, one in others.items()
            ),
            CellReport(cell=cell("mage 5", unable=("there is no Python 3.9", "pins"))),
        ),
        notes=("a note",),
    )


def printed(report):
    console = Console(file=io.StringIO(), width=100)
    print_matrix(console, report)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_table_has_a_line_for_each_cell_and_pipeline(report):
    lines = [line.split() for line in printed(report)]
    assert ["mage", "1", "p", "passed", "baseline", "1.3"] in lines
    assert ["mage", "2", "p", "passed", "different", "1.3"] in lines
    assert ["mage", "3", "p", "passed", "same", "1.3"] in lines
    assert ["mage", "4", "p", "failed", "-", "1.3"] in lines
    assert ["mage", "5", "-", "cannot", "be", "had", "-", "-"] in lines


def test_differences_reasons_and_notes_stand_below_it_and_the_verdict_last(report):
    lines = printed(report)
    assert "mage 2: p" in lines
    assert lines[lines.index("mage 5 cannot be had") + 1 :][:2] == [
        "  there is no Python 3.9",
        "  pins",
    ]
    assert "note: a note" in lines
    assert lines[-1] == (
        "NOT THE SAME  5 cells, 4 runs, 1 failed, 1 with other data, 1 cell not to be had"
    )


def test_all_the_same_is_one_line_below_the_table():
    report = MatrixReport(
        cells=tuple(
            CellReport(cell=cell(name), outcomes=(Outcome(seen=only(seen())),))
            for name in ("mage 1", "mage 2")
        )
    )
    assert report.ok
    assert printed(report)[-1] == "SAME  2 cells, 2 runs"


def test_the_json_is_that_of_the_published_schema(report):
    facts = json.loads(json.dumps(report.as_json()))
    jsonschema.validate(facts, json.loads(SCHEMA.read_text("utf-8")))
    first, second, _, fourth, fifth = facts["cells"]
    assert (facts["baseline"], facts["ok"]) == ("mage 1", False)
    assert first["pipelines"][0]["sinks"] == [
        {
            "service": "postgres",
            "name": "public.fares",
            "rows": 2,
            "columns": [{"name": "fare", "type": "double"}, {"name": "loaded", "type": "string"}],
        }
    ]
    assert second["pipelines"][0]["data"] == "different"
    assert fourth["pipelines"][0]["differences"][0]["service"] == "verdict"
    assert (fifth["unable"], fifth["pipelines"]) == ("there is no Python 3.9\npins", [])


def test_hostile_names_do_not_move_the_cursor():
    bad = cell("mage 1", unable=("\x1b[2J[bold]gone",))
    text = "\n".join(printed(MatrixReport(cells=(CellReport(cell=bad),))))
    assert "\x1b" not in text
    assert "[bold]gone" in text
