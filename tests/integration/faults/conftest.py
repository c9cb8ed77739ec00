"""Faults are met by warm runs: what meets them is the same."""

from __future__ import annotations

import pytest

from tests.warm import warmed


@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return warmed(mage_settings)
