"""Containers that all tests of a file share."""

from __future__ import annotations

import pytest

from harness.running.session import Session
from harness.services.stack import Stack
from tests.integration.docker.probe import PROJECTS, project


@pytest.fixture(scope="module")
def settings(mage_settings):
    return mage_settings.model_copy(
        update={"provider": "docker", "project": PROJECTS / "success", "env": {}, "env_file": None}
    )


@pytest.fixture(scope="module")
def stack(settings):
    with Stack(settings) as stack:
        yield stack


@pytest.fixture
def session(settings, stack, tmp_path):
    """Makes a session of a project with one block, in the containers that all tests share."""

    def make(code: str) -> Session:
        path = project(tmp_path, code)
        return Session(settings.model_copy(update={"project": path}), stack=stack)

    return make
