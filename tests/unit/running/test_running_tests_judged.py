"""Tests of blocks that never ran are problems where nothing else ended the run."""

from __future__ import annotations

import pytest

from harness.project.reader import read_project
from harness.running.block_run import COMPLETED, FAILED, BlockRun
from harness.running.result import ProcessResult
from harness.running.verdict.judge import Evidence
from harness.running.verdict.tests import problems

METADATA = """\
type: python
blocks:
- {uuid: one, type: data_loader, upstream_blocks: [], downstream_blocks: []}
- {uuid: two, type: data_loader, upstream_blocks: [], downstream_blocks: []}
"""
BLOCK = "@data_loader\ndef load(*args, **kwargs):\n    return 1\n\n@test\ndef holds(output):\n    pass\n"


@pytest.mark.parametrize(
    ("error", "told"),
    [("", [("test-not-run", "one"), ("test-not-run", "two")]), ("ValueError: no", [])],
)
def test_a_test_that_never_ran(tmp_path, error, told):
    for file, text in {
        "pipelines/p/metadata.yaml": METADATA,
        "data_loaders/one.py": BLOCK,
        "data_loaders/two.py": BLOCK,
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    project = read_project(tmp_path)
    out = tmp_path / "out"
    process = ProcessResult(
        exit_status=0, timed_out=False, began=0.0, seconds=1.0, stdout=out, stderr=out, events=()
    )
    blocks = (
        BlockRun(uuid="one", status=COMPLETED),
        BlockRun(uuid="two", status=FAILED if error else COMPLETED, error=error),
    )
    evidence = Evidence(
        project=project, pipeline=project.pipeline("p"), process=process, blocks=blocks
    )
    assert [(one.code, one.block) for one in problems(evidence)] == told
