"""Verdicts are judged of warm runs: what they are judged by is the same."""

from __future__ import annotations

import pytest

from tests.warm import warmed


@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return warmed(mage_settings)
