"""What is not supported yet is told so, before anything starts, and counts as a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.project.reader import read_project
from harness.running.asked import NOTHING
from harness.running.entry.choice import choose

PROJECT = Path(__file__).parents[2] / "projects" / "shape_not_yet"


@pytest.mark.parametrize(
    ("pipeline", "because"),
    [
        ("streams", "is not supported yet, because its executor waits for messages"),
        ("syncs", "is not supported yet, because its streams are made by Mage's trigger engine"),
        ("sparks", "is not supported yet, because Mage sends it to an AWS EMR cluster"),
        ("syncs_among_others", "source is a source or destination of data integration, in YAML"),
    ],
)
def test_each_says_why(pipeline, because):
    project = read_project(PROJECT)
    with pytest.raises(InputError, match="is not supported yet") as refused:
        choose(project, project.pipeline(pipeline), asked=NOTHING, settled=None)
    assert because in str(refused.value)
