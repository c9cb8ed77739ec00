from __future__ import annotations

import pytest

import harness


def test_every_public_name_is_there_and_they_are_sorted() -> None:
    assert harness.__all__ == sorted(harness.__all__)
    for name in harness.__all__:
        assert getattr(harness, name).__name__ == name


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        harness.nothing  # noqa: B018
