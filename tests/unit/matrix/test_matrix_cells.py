"""Cells and their environments, as ``ensure_environment`` and the index answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import EnvironmentNotAbleError, InputError, ProjectError
from harness.matrix import cells as module
from harness.matrix.axes import wanted
from harness.matrix.cells import Cells
from harness.project.environment import MageEnvironment
from harness.settings import Settings

PROJECT = Path(__file__).parents[2] / "projects" / "matrix_work"


@pytest.fixture
def asked_of(monkeypatch):
    """The settings that environments were made for; Python 3.9 has none."""
    settings = []

    def ensure(given, _project, *, progress):
        settings.append(given)
        progress("making it")
        if given.python == "3.9":
            raise ProjectError("they do not go together", cause="a pin", evidence=["numpy<2"])
        return MageEnvironment(
            python=Path("/python"), mage=("mage",), version=given.mage_version, made=True
        )

    monkeypatch.setattr(module, "ensure_environment", ensure)
    monkeypatch.setattr(module, "newest", lambda _package, _condition, **_more: "0.9.79")
    return settings


@pytest.fixture
def told():
    return []


@pytest.fixture
def make(tmp_path, told):
    def cells(baseline=None, **axes):
        asked = wanted(
            mage=axes.get("mage", ["0.9.80"]),
            python=axes.get("python", ["3.11"]),
            packages=axes.get("packages", []),
        )
        settings = Settings(project=PROJECT, mage_python=Path("/given"))
        return Cells(settings, folder=tmp_path, progress=told.append).of(asked, baseline=baseline)

    return cells


def test_each_cell_has_the_settings_of_its_versions(make, asked_of, told):
    found = make(mage=["0.9.80"], python=["3.11", "3.12"])
    assert [(one.mage_version, one.python, one.mage_python) for one in asked_of] == [
        ("0.9.80", "3.11", None),
        ("0.9.80", "3.12", None),
    ]
    assert [one.name for one in found] == ["python 3.11", "python 3.12"]
    assert told == ["python 3.11: making it", "python 3.12: making it"]


def test_an_open_version_is_the_newest_release_and_the_same_cell_is_there_once(make, asked_of):
    found = make(mage=["0.9.7x", "0.9.79", "0.9.80"])
    assert [(one.name, one.mage) for one in found] == [
        ("mage 0.9.79", "0.9.79"),
        ("mage 0.9.80", "0.9.80"),
    ]
    assert len(asked_of) == 2


def test_the_baseline_comes_first(make, asked_of):
    found = make("mage 0.9.80", mage=["0.9.79", "0.9.80"])
    assert [one.mage for one in found] == ["0.9.80", "0.9.79"]
    assert asked_of[0].mage_version == "0.9.80"
    with pytest.raises(InputError, match="there is no cell 'mage 1'") as refused:
        make("mage 1", mage=["0.9.79", "0.9.80"])
    assert refused.value.evidence == ("cell: mage 0.9.79", "cell: mage 0.9.80")


def test_a_cell_that_cannot_be_had_says_why(make, asked_of):
    good, bad = make(python=["3.11", "3.9"])
    assert (good.unable, bad.unable) == ((), ("they do not go together", "a pin", "numpy<2"))
    assert len(asked_of) == 2


def test_without_its_baseline_there_is_no_matrix(make, asked_of):
    with pytest.raises(EnvironmentNotAbleError, match=r"cannot be had, python 3\.9: they do not"):
        make("python 3.9", python=["3.9", "3.11"])
    assert len(asked_of) == 1
    with pytest.raises(
        EnvironmentNotAbleError, match=r"cannot be had, mage 0\.9\.80, python 3\.9:"
    ):
        make(python=["3.9"])


def test_the_first_that_can_be_had_is_the_baseline(make, asked_of):
    found = make(python=["3.9", "3.11", "3.12"])
    assert [one.name for one in found] == ["python 3.11", "python 3.9", "python 3.12"]
    assert [bool(one.unable) for one in found] == [False, True, False]
    assert len(asked_of) == 3


def test_a_version_of_a_package_stands_in_place_of_the_projects(make, asked_of):
    make(packages=[("pandas", ["2.2.3", "2.3.3"]), ("idna", ["3.6"])])
    texts = [one.requirements.read_text("utf-8").split() for one in asked_of]
    assert texts == [["pandas==2.2.3", "idna==3.6"], ["pandas==2.3.3", "idna==3.6"]]


def test_containers_have_the_versions_of_their_image(tmp_path):
    settings = Settings(project=PROJECT, provider="docker")
    with pytest.raises(InputError, match="versions cannot be varied in containers"):
        Cells(settings, folder=tmp_path, progress=print)
