"""A run that lacks many things tells all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ProjectError
from harness.running.session import Session

PROJECT = Path(__file__).parents[2] / "projects" / "lacks_much"


@pytest.fixture(scope="module")
def session(mage_settings):
    with Session(mage_settings.model_copy(update={"project": PROJECT})) as session:
        yield session


@pytest.mark.slow
def test_what_blocks_that_never_ran_would_lack_is_told_with_what_failed(session):
    run = session.run("everything")
    told = {(one.code, one.block): one for one in run.problems}
    assert {key for key in told if key[0] == "http-unrecorded"} == {
        ("http-unrecorded", "load_rates"),
        ("http-unrecorded", "load_trips"),
    }
    assert {key for key in told if key[0].startswith("missing-")} == {
        ("missing-recording", "load_trips"),
        ("missing-package", "forecast"),
        ("missing-variable", "forecast"),
        ("missing-secret", "send"),
        ("missing-recording", "send"),
    }
    assert told["missing-package", "forecast"].line == 4
    assert "HORIZON" not in str(told)
    assert "a_faster_one" not in str(told)
    assert "docs.example.com" not in str(told)


def test_a_run_that_is_refused_tells_the_rest_too(mage_settings, tmp_path, session):
    (tmp_path / "io_config.yaml").write_text(
        "default:\n  POSTGRES_SCHEMA: \"{{ env_var('NOT_SET') }}\"\n"
    )
    for name in ("metadata.yaml", "pipelines", "data_loaders", "transformers", "data_exporters"):
        (tmp_path / name).symlink_to(PROJECT / name)
    loader = tmp_path / "data_loaders"
    loader.unlink()
    loader.mkdir()
    for file in (PROJECT / "data_loaders").iterdir():
        (loader / file.name).write_text(
            f"{file.read_text()}\nfrom mage_ai.io.postgres import Postgres\n"
            "from mage_ai.io.config import ConfigFileLoader\nConfigFileLoader('io_config.yaml')\n"
        )
    settings = mage_settings.model_copy(update={"project": tmp_path})
    with pytest.raises(ProjectError, match="NOT_SET") as caught:
        Session(settings, stack=session.stack).check("everything")
    also = [line for line in caught.value.evidence if line.startswith("also: ")]
    assert len(also) == 6
    assert any("fixture 'https://files.example.com/rates.csv'" in line for line in also)
