"""Pipelines that nobody has written, both ways."""

from __future__ import annotations

import pytest

from harness.running.asked import Asked
from tests.integration.warm.generated import write_drawn
from tests.walls import needs_namespace

pytestmark = [pytest.mark.slow, needs_namespace]


@pytest.mark.parametrize("seed", range(10))
def test_a_pipeline_that_is_drawn_runs_warm_as_cold(seed: int, both_ways, tmp_path) -> None:
    project = write_drawn(tmp_path, seed=seed)
    assert both_ways.differing(project, asked=Asked(entry="pipeline")) == []
    assert both_ways.taken >= 2
    assert both_ways.again == 1
