"""What a sensor waits for is told before it waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.project.model import Block, Pipeline, Project
from harness.running.lacks import awaited
from harness.services.protocol import Sink

SENSOR = """
from mage_ai.io.google_cloud_storage import GoogleCloudStorage
GoogleCloudStorage.with_config(x).exists('bucket', 'in/train.csv')
"""


@pytest.fixture
def told(tmp_path):
    """The lines for a pipeline of one block, and how often the services were asked."""

    def of(kind, *held):
        (tmp_path / "b.py").write_text(SENSOR)
        block = Block(uuid="b", name="b", type=kind, language="python", file=Path("b.py"))
        pipeline = Pipeline(
            uuid="p",
            type="python",
            name="p",
            folder=Path("pipelines/p"),
            metadata=Path("pipelines/p/metadata.yaml"),
            blocks=(block,),
        )
        project = Project(path=tmp_path, name=tmp_path.name, pipelines=(pipeline,))
        asked = []

        def look():
            asked.append(1)
            return [Sink(service="gcs", name=name, rows=None, version="1") for name in held]

        return awaited(project, pipeline, held=look, environ={}), len(asked)

    return of


def test_an_object_that_is_not_there_is_told_with_where_to_put_it(told):
    (line,), _ = told("sensor")
    assert line.startswith("the sensor b may wait until the deadline: there is no object bucket/in")
    assert "fixtures/seeds/gcs/bucket/in/train.csv" in line
    assert line.endswith("(b.py:3)")


def test_one_that_is_there_is_not_and_services_are_asked_for_sensors_only(told):
    assert told("sensor", "bucket/in/train.csv") == ([], 1)
    assert told("data_loader") == ([], 0)
