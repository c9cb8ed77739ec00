"""The parts around the runs: which code, which mutants, what is proposed, and the numbers."""

from __future__ import annotations

import stat
from pathlib import Path

import pyarrow as pa
import pytest

from harness.errors import CheckFailedError, InputError
from harness.machine.guardian import Guardian
from harness.mutate.change import Change, mutant
from harness.mutate.choice import check_choice, chosen
from harness.mutate.columns import Columns
from harness.mutate.files import code_of, mutants_of
from harness.mutate.handed import hand, handed
from harness.mutate.outcome import KILLED, LATE, SAME, SURVIVED, UNREACHED, MutationReport, Outcome
from harness.mutate.proposals import proposals
from harness.mutate.suite import Suite
from harness.project.reader import read_project
from harness.rerun.world import Content
from harness.services.protocol import Column, Sink


def made(operator="number", block="a", line=1):
    change = Change(start=line - 1, end=line, new="2", operator=operator, what="1 becomes 2")
    return mutant(change, file=Path(f"{block}.py"), block=block, text="\n" * 9, after="2")


class TestCode:
    @pytest.fixture
    def project(self, tmp_path):
        root = tmp_path / "shop"
        for name, text in {
            "metadata.yaml": "",
            "data_loaders/a.py": "from shop.utils.money import total\nimport os\nx = 1\n",
            "data_loaders/b.sql": "SELECT 1 AS a WHERE 2 > 1",
            "utils/__init__.py": "from .names import x\nz = 1\n",
            "utils/names.py": "from . import more\nz = 1\n",
            "utils/more.py": "z = 1\n",
            "utils/money.py": "from utils import deep\ny = 1\n",
            "utils/deep.py": "z = 1\n",
            "utils/other.py": "z = 1\n",
        }.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (root / "pipelines/p").mkdir(parents=True)
        (root / "pipelines/p/metadata.yaml").write_text(
            "name: p\nuuid: p\ntype: python\nblocks:\n"
            "- {uuid: a, name: a, type: data_loader, language: python}\n"
            "- {uuid: a2, name: a2, type: data_loader, language: python, replicated_block: a,"
            " configuration: {file_path: data_loaders/a.py}}\n"
            "- {uuid: b, name: b, type: data_loader, language: sql,"
            " configuration: {data_provider: postgres}}\n"
            "- {uuid: gone, name: gone, type: data_loader, language: python}\n"
        )
        return read_project(root)

    def test_blocks_come_first_and_then_what_they_import_of_the_project(self, project):
        found = code_of(project, project.pipeline("p"), modules=True)
        assert [(str(one.file), one.block) for one in found] == [
            ("data_loaders/a.py", "a"),
            ("data_loaders/b.sql", "b"),
            ("utils/__init__.py", ""),
            ("utils/money.py", ""),
            ("utils/names.py", ""),
            ("utils/deep.py", ""),
            ("utils/more.py", ""),
        ]
        assert found[1].provider == "postgres"

    def test_modules_may_be_left_out(self, project):
        found = code_of(project, project.pipeline("p"), modules=False)
        assert [one.block for one in found] == ["a", "b"]

    def test_all_of_them_have_mutants(self, project):
        codes = code_of(project, project.pipeline("p"), modules=True)
        found = mutants_of(codes, dict.fromkeys(["", "a", "b"], Columns()))
        assert {str(one.file) for one in found} == {str(code.file) for code in codes}

    def test_names_that_are_none_are_refused(self, project):
        pipeline = project.pipeline("p")
        check_choice(project, pipeline, only=["a", "utils/money.py"], operators=["number"])
        with pytest.raises(InputError, match=r"did you mean filter\?"):
            check_choice(project, pipeline, only=[], operators=["filters"])
        with pytest.raises(InputError, match="no block 'c'"):
            check_choice(project, pipeline, only=["c"], operators=[])


def test_some_are_taken_evenly_and_in_order():
    all_of_them = [made(line=at) for at in range(1, 10)]
    assert [one.line for one in chosen(all_of_them, limit=3)] == [1, 4, 7]
    assert chosen(all_of_them, limit=100) == all_of_them
    some = [made(block="a"), made(block="b"), made("order", block="b")]
    assert chosen(some, only=["b"]) == some[1:]
    assert chosen(some, only=["b"], operators=["order"]) == some[2:]
    assert chosen(some, only=["a.py"]) == some[:1]


def report(*statuses):
    outcomes = tuple(Outcome(mutant=made(), status=status) for status in statuses)
    return MutationReport(pipeline="p", project=Path("/p"), mutants=6, outcomes=outcomes)


def test_only_those_that_could_have_been_noticed_count():
    found = report(KILLED, LATE, SURVIVED, SAME, UNREACHED)
    assert found.score == pytest.approx(200 / 3)
    assert len(found.survivors) == 1
    assert report(SAME, UNREACHED).score is None
    assert not found.passes()
    assert not found.passes(70)
    assert found.passes(66)
    assert report(SAME, UNREACHED).passes()
    assert not report(SAME, UNREACHED).passes(1)
    facts = found.as_json()
    assert (facts["score"], facts["complete"]) == (66.67, False)
    assert facts["outcomes"][0]["diff"][-1] == "+2"


SINK = Sink(
    service="postgres",
    name="public.trips",
    rows=3,
    columns=(Column(name="fare", type="bigint"), Column(name="zone", type="text")),
)


def content(sink, columns):
    return Content(sink=sink, table=pa.table(columns), digest="")


TRIPS = {"fare": [1, 2, 3], "zone": ["a", "b", "b"]}
TARGET = 'expect.table("public.trips")'


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"fare": [1], "zone": ["a"]}, ".rows(3)"),
        ({"fare": [1, None, 3]}, '.column("fare").no_nulls()'),
        ({"fare": [1, 2, 4]}, '.column("fare").between(1, 3)'),
        ({"fare": [1, 1, 3]}, '.column("fare").sums_to(6)'),
        ({"zone": ["a", "b", "c"]}, ".column(\"zone\").isin(['a', 'b'])"),
        ({"zone": ["b", "b", "a"]}, ".equals('expected.parquet', key=...)"),
        ({"fare": [1.0, 2.0, 3.0]}, '.schema({"fare": "bigint", "zone": "text"})'),
    ],
)
def test_a_proposal_holds_for_the_one_and_not_for_the_other(changed, line):
    assert proposals(content(SINK, TRIPS), content(SINK, TRIPS | changed))[0] == TARGET + line


@pytest.mark.parametrize(
    ("service", "name", "target"),
    [
        ("gcs", "lake/a/b/", 'expect.objects("lake", "a/b/")'),
        ("bigquery", "d.t", 'expect.bigquery("d.t")'),
    ],
)
def test_a_proposal_names_its_sink_as_tests_do(service, name, target):
    sink = Sink(service=service, name=name, rows=1)
    found = proposals(content(sink, {"a": [1]}), content(sink, {"a": [1, 1]}))
    assert found == [f"{target}.rows(1)"]


@pytest.mark.parametrize(
    ("expected", "found"),
    [([0.1, 0.2, 0.3], [0.3, 0.2, 0.1]), ([1.0, float("nan")], [float("nan"), 1.0])],
)
def test_floats_in_another_order_have_no_other_sum(expected, found):
    columns = [{"fare": one, "zone": ["a"] * len(one)} for one in (expected, found)]
    (line,) = proposals(*(content(SINK, one) for one in columns))
    assert line == TARGET + ".equals('expected.parquet', key=...)"


def test_columns_of_one_name_are_passed_by():
    twice = pa.table([[1, 2], [1, 2]], names=["a", "a"])
    other = Content(sink=SINK, table=twice, digest="")
    assert proposals(other, content(SINK, {"a": [1, 2]}))[0].startswith(TARGET + ".")


def test_nothing_is_proposed_for_what_is_no_table():
    other = Content(sink=SINK, table=None, digest="ab")
    assert proposals(content(SINK, TRIPS), other) == proposals(other, content(SINK, TRIPS)) == []


def test_a_mutant_is_handed_on_by_a_private_file(tmp_path):
    file = tmp_path / "mutant.json"
    changed = {Path("a/b.py"): "x = 'é'\r\n"}
    hand(file, changed)
    assert handed(file) == changed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("[1]")
    with pytest.raises(InputError, match="cannot be read"):
        handed(file)


class TestSuite:
    @pytest.fixture
    def suite(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "pytest.ini").touch()

        def make(text):
            (tmp_path / "test_it.py").write_text(text)
            return Suite(["test_it.py"], project=tmp_path, folder=tmp_path, guardian=guardian)

        with Guardian() as guardian:
            yield make

    def test_the_first_test_that_fails_is_named_and_the_mutant_is_there(self, suite):
        tests = suite(
            "import json\n\ndef test_a(pytestconfig):\n"
            "    with open(pytestconfig.getoption('--mage-mutant')) as file:\n"
            "        assert not json.load(file)\n"
        )
        assert tests.require_passing() > 0
        assert tests.run({Path("a.py"): "x"}, deadline=60).failed == "test_it.py::test_a"
        assert not Path(".pytest_cache").exists()

    def test_tests_that_fail_unchanged_are_refused(self, suite):
        with pytest.raises(CheckFailedError, match="fail on the unchanged project"):
            suite("def test_a():\n    assert False\n").require_passing()

    def test_tests_that_cannot_be_run_are_told(self, suite):
        with pytest.raises(InputError, match="pytest could not run the tests: it ended with 2"):
            suite("import nowhere\n").run({}, deadline=60)

    def test_at_the_deadline_they_are_ended(self, suite):
        text = "import time\n\ndef test_a():\n    time.sleep(60)\n"
        assert suite(text).run({}, deadline=0.5).late
