"""What real runs of Mage say of the lines, branches and tests of their blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.coverage import lines_of
from harness.coverage.measured import Measured
from harness.coverage.notes import Note, notes_of
from harness.coverage.pipelines import covered
from harness.errors import InputError
from harness.running.asked import Asked
from harness.running.session import Session

PROJECT = Path(__file__).parents[2] / "projects" / "line_by_line"
LOAD, PICK, BREAKS = (
    Path("data_loaders/load_rows.py"),
    Path("transformers/pick_rows.py"),
    Path("transformers/breaks.py"),
)
WORDS, UNREACHED = Path("utils/words.py"), Path("data_exporters/unreached.py")


@pytest.fixture(scope="module")
def noted(mage_settings):
    """The session, a run that succeeds, one that stops half-way, and the notes of both."""
    settings = mage_settings.model_copy(update={"project": PROJECT, "env_file": None, "env": {}})
    notes: list[Note] = []
    with Session(settings) as session:
        session.noted = lambda run: notes.extend(notes_of(run, project=PROJECT))
        runs = {uuid: session.run(uuid) for uuid in ("covered", "stops")}
        yield session, runs, notes


@pytest.fixture(scope="module")
def by_file(noted):
    _, _, notes = noted
    files = [PROJECT / file for file in (LOAD, PICK, BREAKS, WORDS, UNREACHED)]
    return {one.path.relative_to(PROJECT): one for one in Measured(notes, files=files).by_file()}


def test_the_runs_are_as_they_are_without(noted):
    _, runs, _ = noted
    assert runs["covered"].ok
    assert runs["stops"].block("breaks").error == "RuntimeError: A"
    assert runs["stops"].block("breaks").error_line == 7
    assert runs["stops"].block("unreached").status == "not run"


def test_a_branch_that_is_not_taken_is_told_and_one_that_is_is_not(by_file):
    load = by_file[LOAD]
    assert load.missing == (35, 38, 39, 49)
    assert load.missing_branches == ((34, 35), (37, 38), (48, 49))
    assert (load.branches, load.branches_run) == (8, 5)


def test_a_line_that_ends_by_an_exception_ran_and_what_is_after_it_did_not(by_file):
    assert by_file[PICK].missing == (12,)
    assert by_file[BREAKS].missing == (8, 15)
    assert by_file[BREAKS].missing_branches == ((6, 8), (13, 15))


def test_a_module_that_blocks_import_is_seen_also_in_a_thread(by_file):
    assert by_file[WORDS].missing == (6,)


def test_a_block_that_is_never_reached_and_a_pipeline_that_never_runs_are_told(noted, by_file):
    session, _, notes = noted
    found = {
        one.uuid: one
        for one in covered(session.project, notes, pipelines=session.project.pipelines)
    }
    assert {uuid: one.runs for uuid, one in found.items()} == {
        "asleep": 0,
        "covered": 1,
        "every_kind": 0,
        "stops": 1,
    }
    load, breaks, unreached = found["stops"].blocks
    assert (load.runs, breaks.runs, unreached.runs) == (1, 1, 0)
    assert [test.ran for test in (*load.tests, *unreached.tests)] == [True, False]
    assert by_file[UNREACHED].lines_run == 0


def test_the_lines_of_one_run_are_known(noted):
    _, runs, _ = noted
    lines = lines_of(runs["covered"])
    assert lines.keys() == {LOAD, PICK, WORDS, Path("__init__.py"), Path("utils/__init__.py")}
    assert {8, 9, 10, 11} <= lines[PICK]
    assert 12 not in lines[PICK]


@pytest.mark.slow
def test_nothing_is_collected_where_nobody_asks(noted):
    session, _, notes = noted
    told, session.noted = session.noted, None
    try:
        run = session.run("covered")
        with pytest.raises(InputError, match="is not known"):
            lines_of(run)
        asked = session.run("covered", asked=Asked(coverage=True))
    finally:
        session.noted = told
    assert lines_of(asked)[PICK]
    assert len(notes) == 2


@pytest.mark.slow
def test_every_kind_of_code_has_the_lines_that_it_has_elsewhere(noted):
    session, _, notes = noted
    file = Path("custom/every_kind.py")
    assert session.run("every_kind").ok
    (found,) = Measured(notes, files=[PROJECT / file]).by_file()
    assert found.missing == (67, 69, 84, 95, 103, 106, 107, 117, 121, 122)


@pytest.mark.slow
def test_a_pipeline_that_a_block_triggers_is_told_apart(mage_settings):
    project = PROJECT.parent / "entry_triggers"
    settings = mage_settings.model_copy(update={"project": project, "env_file": None, "env": {}})
    with Session(settings) as session:
        run = session.run("parent", asked=Asked(coverage=True))
        notes = notes_of(run, project=project)
    blocks = {note.pipeline: {block for _, block in note.arcs} for note in notes}
    assert blocks == {"parent": {"start"}, "child": {"rows"}}
