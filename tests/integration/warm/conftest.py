"""One stack, and one line to the server, for all runs of a file."""

from __future__ import annotations

import pytest

from harness.running.warm.spawner import Warm
from harness.services.stack import Stack
from tests.integration.warm.both_ways import BothWays


@pytest.fixture(scope="module")
def stack(mage_settings):
    with Stack(mage_settings) as stack:
        yield stack


@pytest.fixture(scope="module")
def notes():
    return []


@pytest.fixture(scope="module")
def warm(notes):
    spawner = Warm("warm", progress=notes.append)
    yield spawner
    spawner.close()


@pytest.fixture
def both_ways(mage_settings, stack, warm, notes, monkeypatch):
    return BothWays(mage_settings, stack=stack, warm=warm, notes=notes, patch=monkeypatch)
