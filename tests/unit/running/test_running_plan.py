from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError, ProjectError
from harness.project.reader import read_project
from harness.running.plan import plan

NEEDS = {"to_bigquery": ["to_gcs"], "report": ["to_bigquery", "to_postgres"]}


@pytest.fixture
def project(tmp_path: Path):
    folder = tmp_path / "shop"
    for uuid in ("to_gcs", "to_postgres", "to_bigquery", "report"):
        (folder / "pipelines" / uuid).mkdir(parents=True)
        (folder / "pipelines" / uuid / "metadata.yaml").write_text(
            f"uuid: {uuid}\nname: {uuid}\ntype: python\nblocks: []\n"
        )
    (folder / "metadata.yaml").write_text("project_type: standalone\n")
    return read_project(folder)


def test_what_a_pipeline_needs_runs_before_it(project) -> None:
    assert plan(project, ["report"], NEEDS) == ("to_gcs", "to_postgres", "to_bigquery", "report")


def test_the_users_order_is_kept_where_needs_allow_it(project) -> None:
    assert plan(project, ["to_postgres", "to_gcs"], NEEDS) == ("to_postgres", "to_gcs")


def test_none_wanted_means_all(project) -> None:
    order = plan(project, [], NEEDS)
    assert sorted(order) == ["report", "to_bigquery", "to_gcs", "to_postgres"]
    assert order.index("to_gcs") < order.index("to_bigquery") < order.index("report")


def test_a_pipeline_named_twice_runs_once(project) -> None:
    assert plan(project, ["to_gcs", "to_gcs"], {}) == ("to_gcs",)


def test_a_circle_of_needs_is_refused(project) -> None:
    with pytest.raises(InputError, match="circle"):
        plan(project, ["to_gcs"], {"to_gcs": ["to_postgres"], "to_postgres": ["to_gcs"]})


def test_a_pipeline_that_does_not_exist_is_refused_with_the_nearest(project) -> None:
    with pytest.raises(ProjectError) as caught:
        plan(project, ["to_gsc"], NEEDS)
    assert "to_gcs" in str(caught.value)
