"""The project whose pipelines run again, on services of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.running.session import Session
from harness.services.stack import Stack
from tests.warm import warmed

PROJECT = Path(__file__).parents[2] / "projects" / "run_again"


@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return warmed(mage_settings)


@pytest.fixture(scope="module")
def stack(mage_settings):
    with Stack(mage_settings) as stack:
        yield stack


@pytest.fixture
def session(mage_settings, stack):
    return Session(mage_settings.model_copy(update={"project": PROJECT}), stack=stack)
