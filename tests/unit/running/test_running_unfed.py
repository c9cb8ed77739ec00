"""A block that gave no rows, and whose file is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.project.model import Block, Pipeline, Project
from harness.running.block_run import BlockRun
from harness.running.result import PipelineRun, ProcessResult
from harness.running.unfed import with_unfed

GLOB = "from pathlib import Path\nfiles = list(Path('raw/2021').glob('*.json'))\n"
OPENED = "try:\n    open('raw/2021')\nexcept OSError:\n    pass\n"
PROCESS = ProcessResult(
    exit_status=0,
    timed_out=False,
    began=0.0,
    seconds=1.0,
    stdout=Path("stdout"),
    stderr=Path("stderr"),
    events=(),
)


@pytest.fixture
def judged(tmp_path):
    """The problems of a run of one block by its text and its rows."""

    def of(text, rows, *, status="completed", accepted=()):
        (tmp_path / "b.py").write_text(text)
        block = Block(uuid="b", name="b", type="data_loader", language="python", file=Path("b.py"))
        pipeline = Pipeline(
            uuid="p",
            type="python",
            name="p",
            folder=Path("pipelines/p"),
            metadata=Path("pipelines/p/metadata.yaml"),
            blocks=(block,),
        )
        run = PipelineRun(
            pipeline="p",
            blocks=(
                BlockRun(uuid="b", status=status, type="data_loader", upstream=(), rows_out=rows),
            ),
            problems=(),
            process=PROCESS,
            variables_folder=Path("variables"),
        )
        project = Project(path=tmp_path, name=tmp_path.name, pipelines=(pipeline,))
        return with_unfed(
            run, project=project, pipeline=pipeline, environ={}, accepted=accepted
        ).problems

    return of


@pytest.mark.parametrize("text", [GLOB, OPENED])
def test_no_rows_and_no_file_are_a_problem_with_its_place(judged, text):
    (found,) = judged(text, 0)
    assert (found.code, found.block, found.file, found.line) == ("missing-file", "b", "b.py", 2)
    assert "there is no file raw/2021: put it into the project, as raw/2021" in found.message


def test_rows_speak_for_the_block(judged):
    assert judged(GLOB, 3) == ()
    assert judged(GLOB, None) == ()


def test_a_file_that_is_there_speaks_for_it(judged, tmp_path):
    (tmp_path / "raw" / "2021").mkdir(parents=True)
    assert judged(GLOB, 0) == ()


def test_what_failed_and_what_is_accepted_is_none_of_it(judged):
    assert judged(GLOB, 0, status="failed") == ()
    assert judged(GLOB, 0, accepted=["missing-file"]) == ()
