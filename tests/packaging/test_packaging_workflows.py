"""The workflow runs what pyproject.toml and tox.ini say, and nothing that may change under it."""

from __future__ import annotations

import configparser
import itertools
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / ".github/workflows/tests.yml").read_text("utf-8")
WORKFLOW = yaml.safe_load(TEXT)
JOBS = WORKFLOW["jobs"]
MATRIX = JOBS["tests"]["strategy"]["matrix"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def environments():
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini")
    named = [one.removeprefix("testenv:") for one in tox.sections() if one.startswith("testenv:")]
    return {*named, *tox["tox"]["env_list"].replace(" ", "").split(",")}


def test_every_push_and_pull_request_is_tested():
    # YAML 1.1 reads the word "on" as true.
    assert set(WORKFLOW[True]) == {"push", "pull_request"}


def test_the_matrix_has_the_pythons_that_are_promised():
    promised = {
        one.rpartition(" ")[2]
        for one in pyproject()["project"]["classifiers"]
        if re.search(r":: \d\.\d+$", one)
    }

    assert set(MATRIX["python"]) == promised
    assert {f"py{one.replace('.', '')}" for one in promised} <= environments()


def test_the_matrix_has_both_providers():
    from harness.settings import Settings

    known = Settings.model_fields["provider"].annotation.__args__

    assert set(MATRIX["provider"]) == set(known)


def test_every_tox_environment_that_is_run_is_there():
    words = " ".join(step.get("run", "") for _, step in STEPS)
    named = set(
        itertools.chain.from_iterable(
            one.split(",") for one in re.findall(r"tox run -e ([\w,]+)", words)
        )
    )

    assert named == {"lint", "types", "docker"}
    assert named <= environments()
    assert 'tox run -e "py${PYTHON/./}"' in words


@pytest.mark.parametrize("step", [step for _, step in STEPS if "uses" in step])
def test_an_action_is_pinned_by_a_full_hash_with_its_version(step):
    line = next(one for one in TEXT.splitlines() if step["uses"] in one)

    assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)


def test_no_credentials_and_no_rights_beyond_reading():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in JOBS.values())
    checkouts = [step for _, step in STEPS if "actions/checkout" in step.get("uses", "")]
    assert len(checkouts) == len(JOBS)
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert "secrets." not in TEXT


def test_every_job_ends_by_itself():
    assert all(job["timeout-minutes"] <= 60 for job in JOBS.values())
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is True


def test_the_report_is_kept_also_when_the_tests_fail():
    (step,) = [step for _, step in STEPS if "upload-artifact" in step.get("uses", "")]

    assert step["if"] == "always()"
    assert step["with"]["include-hidden-files"] is True
    written = re.findall(r"(?:--json |--junitxml=)(\S+)/", TEXT)
    assert {*written} == {step["with"]["path"]}
