"""Runs beside earlier ones: what differs, and files that nobody should trust."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from harness.bundle.archive import pack
from harness.errors import InputError
from harness.page.clean import Cleaner
from harness.page.comparing import compared
from harness.page.earlier import Earlier, read_earlier
from harness.page.kept import Kept, KeptBlock, KeptColumn, KeptOutput, KeptRun, cleaned
from harness.report.build import report_of
from harness.report.model import RunReport
from tests.page_samples import HOSTILE, output, project_of, run_of, written

UPSTREAM = {"load": [], "keep": ["load"], "store": ["keep"]}
PLAIN = HOSTILE.replace("\udcff", "").replace("\x00", "").replace("'", "''")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A green run and a red one, each with its page; the red one's is beside the green one's."""
    folder = tmp_path_factory.mktemp("runs")
    for name, rows, failing in (("green", 90, []), ("red", 80, ["store"])):
        project = project_of(folder / name / "shop", UPSTREAM)
        code = project.path / "data_loaders" / "keep.py"
        code.write_text(f"{code.read_text()}\n\n\tROWS = {rows}\n")
        variables = folder / name / "variables"
        output(variables, "load", "SELECT 1 AS n")
        output(variables, "keep", f"SELECT range AS n, '{PLAIN}{rows}' AS note FROM range({rows})")
        run = run_of(folder / name, project, failing=failing)
        earlier = folder / "green.html" if name == "red" else None
        written(folder / f"{name}.html", project, run, against=earlier)
        told = RunReport(pipelines=(report_of(run),)).as_json()
        (folder / f"{name}.json").write_text(json.dumps(told))
    return folder


@pytest.fixture
def beside(runs):
    return compared(
        read_earlier(runs / "green.html"), read_earlier(runs / "red.html"), file="green.html"
    )


def run(heading="shop", **told):
    return KeptRun(**{"uuid": "shop", "ok": True, "seconds": 1.0, "heading": heading, **told})


def block(**told):
    return KeptBlock(**{"uuid": "load", "status": "completed", **told})


def table(*rows, kind="BIGINT"):
    columns = (KeptColumn(name="n", type=kind, nulls=0),)
    return KeptOutput(name="output_0", rows=2, columns=columns, shown=("n",), head=rows)


def of(*told, **more):
    return Kept(format=1, runs=told, **more)


def pair(then, now):
    return compared(of(then), of(now), file="then.html").runs[0]


def test_the_report_holds_all_that_a_later_one_compares(beside):
    (shop,) = beside.runs

    assert beside.lacks == "the versions"
    assert (shop.then.ok, shop.now.ok, shop.differs) == (True, False, True)
    ((then, now),) = shop.problems
    assert (then, now.code, now.block, now.line) == (None, "block-failed", "store", 5)
    assert [(one.name, one.differs) for one in shop.blocks] == [
        ("load", False),
        ("keep", True),
        ("store", True),
    ]


def test_code_is_beside_each_other_line_by_line_and_tabs_stay(beside):
    keep = beside.runs[0].blocks[1]
    (hunk,) = keep.code

    changed = [
        (one.number, one.text, other.number, other.text)
        for one, other in zip(hunk.then, hunk.now, strict=True)
        if one.kind != "same"
    ]
    assert changed == [(8, "\tROWS = 90", 8, "\tROWS = 80")]
    assert [one.number for one in hunk.then] == [5, 6, 7, 8]


def test_a_line_that_one_side_lacks_leaves_a_gap():
    (hunk,) = (
        pair(
            run(blocks=[block(lines=["a", "b", "c"])]),
            run(blocks=[block(lines=["a", "c"], first=4)]),
        )
        .blocks[0]
        .code
    )

    assert [(one.number, one.kind) for one in hunk.then] == [
        (1, "same"),
        (2, "changed"),
        (3, "same"),
    ]
    assert [(one.number, one.kind) for one in hunk.now] == [(4, "same"), (None, "gap"), (5, "same")]


def test_rows_and_columns_that_differ_are_told(beside):
    (output_0,) = beside.runs[0].blocks[1].outputs
    told = {one.name: (one.then, one.now) for one in output_0.facts}

    assert told["size"] == ("90 rows", "80 rows")
    assert told["values of n"] == (
        "0 nulls, from 0 to 89, mean 44.5",
        "0 nulls, from 0 to 79, mean 39.5",
    )
    assert [differs for _, differs in output_0.now.rows[0]] == [False, True]


@pytest.mark.parametrize(
    ("then", "now", "names", "differing"),
    [
        (table(["1"], ["2"]), table(["1"], ["2"]), None, None),
        (table(["1"], ["2"]), table(["1"], ["3"]), [], [False, True]),
        (table(["1"]), table(["1"], [None]), [], [False, True]),
        (table(["1"]), table(["1"], kind="DATE"), ["type of n"], None),
    ],
)
def test_outputs_differ_by_cell_and_by_type(then, now, names, differing):
    outputs = pair(run(blocks=[block(outputs=[then])]), run(blocks=[block(outputs=[now])]))
    found = outputs.blocks[0].outputs

    assert ([one.name for one in found[0].facts] if found else None) == names
    if differing is not None:
        assert [row[0][1] for row in found[0].now.rows] == differing


def test_an_error_differs_where_both_are_known():
    for then, now, told in (("", "late", ("", "late")), ("a", "a", None), (None, "late", None)):
        (load,) = pair(run(blocks=[block(error=then)]), run(blocks=[block(error=now)])).blocks
        assert (load.errors, load.differs) == (told, told is not None)


def test_times_alone_are_no_difference():
    assert not pair(
        run(blocks=[block(seconds=1.0)], began="yesterday"),
        run(blocks=[block(seconds=9.0)], began="today", seconds=30.0),
    ).differs


def test_problems_are_the_same_at_the_same_place_whatever_their_words_and_lines():
    old, new = (
        {"code": "block-failed", "message": word, "block": "load", "file": "a.py", "line": line}
        for word, line in (("9 rows", 3), ("8 rows", 4))
    )
    other = {"code": "timeout", "message": "late"}
    shop = pair(run(problems=[other, old], ok=False), run(problems=[new], ok=False))

    assert [(then and then.message, now and now.message) for then, now in shop.problems] == [
        ("9 rows", "8 rows"),
        ("late", None),
    ]
    assert shop.differs


def test_sinks_and_versions_that_differ_are_marked():
    sinks = [
        {
            "service": "postgres",
            "name": name,
            "rows": rows,
            "columns": [{"name": "n", "type": kind}],
        }
        for name, rows, kind in (
            ("a", 1, "int"),
            ("b", 1, "int"),
            ("b", 1, "bigint"),
            ("c", 2, "t"),
        )
    ]
    beside = compared(
        of(
            run(sinks=sinks[:2]),
            surroundings=[("Mage", "0.9.78"), ("gone", "1")],
            packages=["Some_Name 1.0", "same 2"],
        ),
        of(
            run(sinks=[sinks[0], *sinks[2:]]),
            surroundings=[("Mage", "0.9.79")],
            packages=["some-name 1.1", "same 2", "more 3"],
        ),
        file="then.html",
    )

    told = [(one.name, one.then, one.now, one.differs) for one in beside.runs[0].sinks]
    assert told == [
        ("postgres a", "1 row", "1 row", False),
        ("postgres b", "1 row", "1 row", True),
        ("postgres c", "not there", "2 rows", True),
    ]
    assert [(one.name, one.then, one.now) for one in beside.versions] == [
        ("Mage", "0.9.78", "0.9.79"),
        ("more", "not there", "3"),
        ("some-name", "1.0", "1.1"),
    ]


def test_runs_meet_by_their_heading_then_by_their_pipeline_and_each_once():
    beside = compared(
        of(run("shop in test_a"), run("shop in test_b"), run("bank", uuid="bank")),
        of(run("shop in test_b"), run("shop in test_c"), run("new", uuid="new")),
        file="then.html",
    )

    assert [(one.then.heading, one.now.heading) for one in beside.runs] == [
        ("shop in test_b", "shop in test_b"),
        ("shop in test_a", "shop in test_c"),
    ]
    assert (beside.only_then, beside.only_now) == (("bank",), ("new",))


def test_the_json_of_a_run_is_an_earlier_one_with_less(runs):
    then, now = read_earlier(runs / "green.json"), read_earlier(runs / "red.html")
    beside = compared(then, now, file="green.json")

    assert [one.differs for one in beside.runs[0].blocks] == [False, False, True]
    assert beside.lacks == "the code of all blocks and the data of all blocks and the versions"


def test_a_bundle_is_an_earlier_run_with_code_and_versions(runs, tmp_path):
    folder = tmp_path / "bundle"
    project = project_of(folder / "project" / "shop", UPSTREAM)
    report = report_of(run_of(runs / "red", project, failing=["store"])).as_json()
    versions = {"mage": "0.9.1", "python": "3.1", "harness": "0", "mage_packages": ["pandas==2.0"]}
    told = {"run": {"report": report}, "settings": {"project": "shop"}, "versions": versions}
    for name, facts in told.items():
        (folder / f"{name}.json").write_text(json.dumps(facts))
    file = tmp_path / "one.mage.zip"
    pack(folder, file, pipeline="shop", ok=False, left_out=[], scrubbed=[])
    kept = read_earlier(file)

    assert kept.runs[0].blocks[0].lines[-1] == "    return 1 / 0"
    assert kept.runs[0].blocks[0].outputs is None
    assert dict(kept.surroundings)["Mage"] == "0.9.1"
    assert kept.packages == ("pandas 2.0",)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("<!doctype html><p>some page", "no report of this version"),
        ("", "no report of this version"),
        ("{", "Expecting property name"),
        ("{}", "it has no 'pipelines'"),
        ('{"pipelines": 3}', "not iterable"),
        ('{"pipelines": [{"uuid": "shop"}]}', "ok: Field required"),
        ('{"pipelines": []}', "no run had come to its end"),
        ('<script type="application/json" id="facts">{"format": 2}</script>', "format"),
        ('<script type="application/json" id="facts">{"format": 1}</script>', "no run had come"),
        ("PK\x03\x04 no archive", "ZIP"),
    ],
)
def test_what_is_no_earlier_run_is_said(tmp_path, content, cause):
    file = tmp_path / "old.html"
    file.write_text(content)
    with pytest.raises(InputError, match=re.escape(cause)):
        read_earlier(file)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="cannot be read") as told:
        read_earlier(tmp_path / "none.html")
    assert "--report" in told.value.remedy


def test_nothing_of_an_earlier_run_becomes_markup_or_shows_a_secret(runs, tmp_path):
    file = tmp_path / "old.json"
    hostile = block(
        uuid=HOSTILE[:-1], error=HOSTILE[:-1], lines=[HOSTILE[:-1], "s3cr3t-Zq81kd"]
    ).model_dump()
    told = run(uuid="shop", blocks=[hostile], sinks=[{"service": HOSTILE[:-1], "name": "t"}])
    file.write_text(json.dumps({"pipelines": [told.model_dump()]}))
    project = project_of(tmp_path / "shop", UPSTREAM)
    made = run_of(tmp_path, project)
    html = written(tmp_path / "now.html", project, made, against=file, known=["s3cr3t-Zq81kd"])

    assert "<img" not in html
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", html)
    clean = cleaned(of(told), Cleaner(["s3cr3t-Zq81kd"]))
    assert clean.runs[0].blocks[0].lines[1] == "scrubbed"


def test_a_page_may_replace_the_one_that_it_is_beside(runs, tmp_path):
    file = tmp_path / "run.html"
    file.write_bytes((runs / "green.html").read_bytes())
    project = project_of(tmp_path / "shop", UPSTREAM)
    html = written(file, project, run_of(tmp_path, project, failing=["load"]), against=file)

    assert "1 run beside run.html, 1 with differences" in html
    assert read_earlier(file).runs[0].ok is False


def test_files_of_several_workers_are_one_earlier_run(runs):
    both = Earlier.of(runs / "green.html", runs / "red.html", name="runs.html", whole=False)
    now = replace(both).kept.model_copy(update={"runs": ()})

    assert [one.ok for one in both.kept.runs] == [True, False]
    assert both.beside(now, Cleaner()).only_then == ()
