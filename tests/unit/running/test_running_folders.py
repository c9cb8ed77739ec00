"""What runs have left is out of sight at once, and gone when its deletion has ended."""

from __future__ import annotations

import pytest

from harness.running.folders import PLACES, Clearing, new_folder


@pytest.fixture
def left(tmp_path):
    """A folder of services with what two runs have left."""
    for _ in range(2):
        deep = new_folder(tmp_path) / "project" / "deep"
        deep.mkdir(parents=True)
        (deep / "file").write_text("x")
    (tmp_path / PLACES / "data").mkdir(parents=True)
    (tmp_path / "postgres").mkdir()
    return tmp_path


def test_nothing_is_left_but_what_is_the_services(left):
    clearing = Clearing()
    clearing.clear(left)
    assert [*(left / "runs").iterdir()] == []
    assert not (left / PLACES).exists()
    clearing.end()
    clearing.end()
    assert sorted(one.name for one in left.iterdir()) == ["postgres", "runs"]


def test_the_folder_of_the_run_to_come_stays(left):
    kept = new_folder(left)
    clearing = Clearing()
    clearing.clear(left, kept=kept)
    clearing.clear(left, kept=kept)
    clearing.end()
    assert [*(left / "runs").iterdir()] == [kept]


def test_where_nothing_is_left_nothing_is_made(tmp_path):
    clearing = Clearing()
    clearing.clear(tmp_path)
    clearing.end()
    assert [*tmp_path.iterdir()] == []


def test_a_full_disk_is_cleared_all_the_same(left, monkeypatch):
    def full(**_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("harness.running.folders.tempfile.mkdtemp", full)
    clearing = Clearing()
    clearing.clear(left)
    clearing.end()
    assert sorted(one.name for one in left.iterdir()) == ["postgres", "runs"]
    assert [*(left / "runs").iterdir()] == []
