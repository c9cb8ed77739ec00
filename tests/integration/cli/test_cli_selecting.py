"""``run --changed``, ``--since``, ``--cached`` and ``--jobs``, as a user types them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.cli.jobs import check_jobs, groups
from harness.errors import InputError
from harness.settings import Settings, load_settings

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "mage-harness"
SCHEMA = json.loads((ROOT / "docs" / "run.schema.json").read_text("utf-8"))


def test_pipelines_that_need_each_other_are_one_group() -> None:
    needs = {"b": ("a",), "d": ("c",), "e": ("b", "d")}
    assert groups(["a", "b", "c", "d"], needs) == [["a", "b"], ["c", "d"]]
    assert groups(["a", "x", "b", "c", "d", "e"], needs) == [["a", "b", "c", "d", "e"], ["x"]]
    assert groups([], needs) == []


def test_jobs_and_a_fixed_port_exclude_each_other() -> None:
    settings = Settings(ports={"postgres": 5432})
    check_jobs(settings, 1)
    with pytest.raises(InputError, match="--jobs 2 and --port exclude each other"):
        check_jobs(settings, 2)


class Shop:
    """Two pipelines alike, run by the command with a cache of green runs of its own."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "shop"
        shutil.copytree(ROOT / "tests" / "projects" / "success", self.project)
        (one,) = (self.project / "pipelines").iterdir()
        self.first, self.second = one.name, "second"
        shutil.copytree(one, self.project / "pipelines" / self.second)
        self._cache = folder / "cache"
        self._cache.mkdir()
        for made in load_settings().cache.iterdir():
            # What is dear to make is the user's; the green runs are not.
            if made.name != "green":
                (self._cache / made.name).symlink_to(made)
        self._folder = folder

    def run(self, *arguments: str, status: int = 0) -> tuple[str, dict[str, Any]]:
        facts = self._folder / "facts.json"
        done = subprocess.run(
            [COMMAND, "run", "--project", str(self.project), "--json", str(facts), *arguments],
            cwd=self._folder,
            env={**os.environ, "MAGE_HARNESS_CACHE": str(self._cache)},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == status, done.stdout + done.stderr
        if status:
            return done.stderr, {}
        found = json.loads(facts.read_text("utf-8"))
        jsonschema.validate(found, SCHEMA)
        return done.stdout + done.stderr, found


@pytest.mark.slow
def test_green_runs_answer_and_jobs_run_side_by_side(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    said, facts = shop.run("--jobs", "2")
    assert [one["uuid"] for one in facts["pipelines"]] == sorted([shop.first, shop.second])
    assert facts["left_out"] == []

    said, facts = shop.run("--cached")
    assert facts["pipelines"] == []
    assert {one["uuid"]: one["facts"]["ok"] for one in facts["left_out"]} == {
        shop.first: True,
        shop.second: True,
    }
    assert f"CACHED {shop.first}: it passed on " in said

    metadata = shop.project / "pipelines" / shop.second / "metadata.yaml"
    metadata.write_text(metadata.read_text("utf-8") + "# changed\n", "utf-8")
    said, facts = shop.run("--changed")
    assert [one["uuid"] for one in facts["pipelines"]] == [shop.second]
    assert f"second runs: pipelines/{shop.second}/metadata.yaml changed" in said
    assert f"NOT RUN {shop.first}: unchanged since " in said
    assert shop.run("--changed")[1]["pipelines"] == []


def test_what_excludes_each_other_is_refused(tmp_path: Path) -> None:
    said, _ = Shop(tmp_path).run("--changed", "--cached", status=2)
    assert "--changed, --since and --cached exclude each other" in said
