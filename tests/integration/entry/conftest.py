from __future__ import annotations

from pathlib import Path

import pytest

from harness.running.session import Session
from harness.services.stack import Stack
from tests.warm import warmed

PROJECTS = Path(__file__).parents[2] / "projects"


@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return warmed(mage_settings)


@pytest.fixture(scope="module")
def sessions(mage_settings):
    """Gives the session of a project of tests/projects, all of them on one stack."""
    with Stack(mage_settings) as stack:
        yield lambda name: Session(
            mage_settings.model_copy(update={"project": PROJECTS / name}), stack=stack
        )
