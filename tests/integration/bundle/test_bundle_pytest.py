"""``pytest --mage-bundle``: a run that fails in a test leaves a bundle, named after both."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

PROJECTS = Path(__file__).parents[2] / "projects"


@pytest.mark.slow
def test_a_failing_run_of_a_test_leaves_a_bundle(pytester, mage_settings, monkeypatch):
    monkeypatch.setenv("MAGE_HARNESS_CACHE", str(mage_settings.cache))
    shutil.copytree(PROJECTS / "run_again", pytester.path / "run_again")
    (pytester.path / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'run_again'\n")
    pytester.makepyfile(
        test_them="""
        def test_it_breaks(mage):
            mage.run("breaks")
        """
    )
    done = pytester.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", "--mage-bundle", "kept", "--junit-xml", "junit.xml"
    )
    done.assert_outcomes(failed=1)
    (made,) = (pytester.path / "kept").iterdir()
    assert made.name == "breaks.test_them-test_it_breaks.mage.zip"
    assert f'name="mage_bundle" value="{made}"' in (pytester.path / "junit.xml").read_text()
    with zipfile.ZipFile(made) as archive:
        assert "project/run_again/data_exporters/break_off.py" in archive.namelist()
