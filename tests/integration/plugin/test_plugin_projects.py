"""Two folders of tests with settings of their own, in one run of pytest."""

from __future__ import annotations

from pathlib import Path

PROJECTS = Path(__file__).parents[2] / "projects"
CONFTEST = """
import pytest
from pathlib import Path

@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return mage_settings.model_copy(update={{"project": Path({project!r})}})
"""
TEST = """
from pathlib import Path

def test_{name}(mage_session, postgres):
    assert Path(mage_session.project.path).name == {name!r}
    assert postgres.query("SELECT 1 AS one").to_pylist() == [{{"one": 1}}]

def test_{name}_again(mage_session):
    assert Path(mage_session.project.path).name == {name!r}
    assert "postgres" in mage_session.stack.services
"""


def test_each_folder_has_the_project_of_its_own_settings(pytester, monkeypatch):
    for name in ("success", "sound_but_odd"):
        folder = pytester.mkdir(f"of_{name}")
        (folder / "conftest.py").write_text(CONFTEST.format(project=str(PROJECTS / name)))
        (folder / f"test_{name}.py").write_text(TEST.format(name=name))
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    done.assert_outcomes(passed=4)
