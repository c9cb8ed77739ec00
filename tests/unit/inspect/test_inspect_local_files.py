"""Local files that Mage's own client reads and writes are files, not queries."""

from __future__ import annotations

import pytest

from harness.inspect.inspection import inspect
from harness.project.reader import read_project

METADATA = (
    "type: python\nblocks:\n"
    "- {uuid: one, type: data_loader, upstream_blocks: [], downstream_blocks: []}\n"
)


@pytest.mark.parametrize(
    ("call", "access", "name"),
    [
        ("FileIO().load('/home/src/counts.csv')", "reads", "/home/src/counts.csv"),
        ("FileIO().load(filepath='counts.csv')", "reads", "counts.csv"),
        ("FileIO().export(args[0], 'out/counts.csv')", "writes", "out/counts.csv"),
    ],
)
def test_mages_client_of_files(tmp_path, call, access, name):
    head = "from mage_ai.io.file import FileIO\n\n@data_loader\ndef load(*args, **kwargs):\n"
    written = {
        "pipelines/p/metadata.yaml": METADATA,
        "data_loaders/one.py": f"{head}    return {call}\n",
    }
    for file, text in written.items():
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text(text)
    project = read_project(tmp_path)

    found = inspect(project, project.pipeline("p"))

    paths = [(use.access, use.name) for use in found.uses if use.kind == "path"]
    assert paths == [(access, name)]
    assert not found.unknown
