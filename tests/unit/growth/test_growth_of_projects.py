"""What a run, a look or a verdict costs grows with the work, and not with its square."""

from __future__ import annotations

import ast
from itertools import count

import pytest

from harness.bench.sized import sized_project
from harness.inspect.inspection import inspect
from harness.project import syntax
from harness.project.beside import lend_modules
from harness.project.lint import lint
from harness.project.local_files import lend
from harness.project.reader import read_project
from harness.project.workspace import create_workspace
from harness.running.block_run import COMPLETED, BlockRun
from harness.running.result import ProcessResult
from harness.running.verdict import Evidence, judge
from harness.selection import fixtures
from harness.selection.looking import Looking
from harness.selection.projectfiles import ProjectFiles
from harness.settings import Settings

LINEAR = 4.5
"""How many times the calls may become when the work becomes four times as much."""


@pytest.fixture
def sized(tmp_path):
    """Gives a project of some size; each is another one."""
    numbers = count()

    def project(**size):
        return read_project(sized_project(tmp_path / str(next(numbers)), **size))

    return project


@pytest.fixture
def parsed(monkeypatch):
    """The texts that were parsed, in order."""
    texts = []

    def parse(source, *more, **words):
        texts.append(source)
        return real(source, *more, **words)

    real = ast.parse
    monkeypatch.setattr(syntax.ast, "parse", parse)
    syntax._tree.cache_clear()
    return texts


def test_a_verdict_looks_at_each_block_a_number_of_times_that_is_the_same_for_all(
    sized, tmp_path, grows
):
    (tmp_path / "out").write_text("Pipeline run completed.\n")

    def work(blocks):
        project = sized(blocks=blocks)
        pipeline = project.pipelines[0]
        evidence = Evidence(
            project=project,
            pipeline=pipeline,
            process=ProcessResult(
                exit_status=0,
                timed_out=False,
                began=0.0,
                seconds=1.0,
                stdout=tmp_path / "out",
                stderr=tmp_path / "out",
                events=(),
            ),
            blocks=tuple(
                BlockRun(uuid=one.uuid, status=COMPLETED, began=0.0, ended=1.0)
                for one in pipeline.blocks
            ),
        )
        return lambda: judge(evidence)

    assert grows(work) < LINEAR


def test_reading_and_linting_grow_with_the_pipelines(sized, grows):
    def work(pipelines):
        project = sized(pipelines=pipelines, blocks=3)
        return lambda: lint(read_project(project.path))

    assert grows(work) < LINEAR


def test_the_files_of_a_pipeline_are_found_without_a_look_at_all_others(sized, grows):
    def work(pipelines):
        project = sized(pipelines=pipelines)
        looked = [(one, inspect(project, one)) for one in project.pipelines]
        files = ProjectFiles(project)
        return lambda: [files.of(pipeline, found) for pipeline, found in looked]

    assert grows(work) < LINEAR


def test_cassettes_and_seeds_are_read_once_for_all_pipelines(sized, tmp_path, monkeypatch):
    read = []
    for name in ("load_all", "read_seeds"):
        monkeypatch.setattr(fixtures, name, lambda folder, name=name: read.append(name) or ())
    project = sized(pipelines=5)
    looking = Looking(
        project,
        settings=Settings(
            project=project.path, fixtures=tmp_path / "fixtures", cache=tmp_path / "cache"
        ),
    )
    for one in project.pipelines:
        looking.inputs(one.uuid, given={})
    assert sorted(read) == ["load_all", "read_seeds"]


def test_a_module_that_all_blocks_import_is_parsed_once_by_a_look(sized, parsed):
    project = sized(blocks=30)
    shared = (project.path / "utils" / "shared.py").read_bytes()
    inspect(project, project.pipelines[0])
    assert parsed.count(shared) == 1


def test_a_changed_module_is_parsed_again(sized, parsed):
    project = sized(blocks=2)
    module = project.path / "utils" / "shared.py"
    inspect(project, project.pipelines[0])
    module.write_text("import requests\n\n\ndef same(data):\n    return data\n")
    found = inspect(project, project.pipelines[0])
    assert parsed.count(module.read_bytes()) == 1
    assert any(use.kind == "package" and use.name == "requests" for use in found.uses)


def test_a_second_run_parses_nothing_of_the_project_again(sized, tmp_path, parsed):
    project = sized(pipelines=4, blocks=3)

    def prepare(name):
        space = create_workspace(project, folder=tmp_path / name, overlay={})
        lend_modules(project.path, space.path)
        lend(project, space.path)

    prepare("first")
    assert parsed
    parsed.clear()
    prepare("second")
    assert parsed == []
