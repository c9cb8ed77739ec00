from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.inspect.inspection import inspect
from harness.project.reader import read_project
from harness.running.variables import check_variables, known_to, parse_assignments

PUBLIC = Path(__file__).parents[2] / "projects" / "public"
METADATA = """
name: p
type: python
uuid: p
variables: {year: 2021}
blocks:
- {uuid: load, name: load, type: data_loader, language: python, upstream_blocks: [], downstream_blocks: []}
"""


@pytest.fixture
def project(tmp_path: Path):
    folder = tmp_path / "shop"
    (folder / "pipelines" / "p").mkdir(parents=True)
    (folder / "data_loaders").mkdir()
    (folder / "metadata.yaml").write_text("project_type: standalone\n")
    (folder / "pipelines" / "p" / "metadata.yaml").write_text(METADATA)
    (folder / "data_loaders" / "load.py").write_text("def f(**kwargs): return kwargs['zone']\n")
    return read_project(folder)


def test_values_that_are_json_are_taken_as_such() -> None:
    texts = ["year=2021", "name=yellow", "zones=[1, 2]", "url=https://x.example/?a=b", "empty="]
    assert parse_assignments(texts) == {
        "year": 2021,
        "name": "yellow",
        "zones": [1, 2],
        "url": "https://x.example/?a=b",
        "empty": "",
    }


@pytest.mark.parametrize("text", ["year", "=2021", "2year=1", "a b=1", ""])
def test_a_text_that_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not name=value") as caught:
        parse_assignments([text])
    assert caught.value.exit_status == 2
    assert "--var" in caught.value.remedy


def test_declared_variables_and_those_that_a_block_names_are_accepted(project) -> None:
    check_variables({"year": 1, "zone": "x"}, project=project, pipelines=[project.pipeline("p")])


def test_a_variable_that_only_an_extension_reads_is_accepted() -> None:
    project = read_project(PUBLIC / "great_expectations")
    pipeline = project.pipeline("checked_prices")
    check_variables({"most": 50}, project=project, pipelines=[pipeline])
    assert [one.name for one in inspect(project, pipeline).of("variable")] == ["most"]


def test_a_misspelt_variable_is_refused_with_the_nearest(project) -> None:
    with pytest.raises(InputError, match="no variable yaer") as caught:
        check_variables({"yaer": 1}, project=project, pipelines=[project.pipeline("p")])
    assert "year" in caught.value.remedy


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object(), b"bytes"])
def test_a_value_that_json_cannot_hold_is_refused(project, value: object) -> None:
    with pytest.raises(InputError, match="cannot be given to Mage"):
        check_variables({"year": value}, project=project, pipelines=[project.pipeline("p")])


def test_a_pipeline_gets_only_the_variables_that_it_knows(project) -> None:
    known = known_to({"year": 1, "other": 2}, project=project, pipeline=project.pipeline("p"))
    assert known == {"year": 1}
