"""``mage-harness bisect`` as a user types it, with the real Mage and the real services."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.bisect.conftest import Author


@pytest.fixture(scope="module")
def changed(author_in: type[Author], tmp_path_factory: pytest.TempPathFactory) -> Author:
    """Five commits: base, notes, other fare (other data), price (red), notes."""
    author = author_in(tmp_path_factory.mktemp("changed") / "author")
    author.commit("notes")
    author.change("20.0", "21.0")
    author.commit("other fare")
    author.change("'fare': [", "'price': [")
    author.commit("fare is called price")
    author.commit("more notes")
    return author


def steps_of(author: Author) -> list[tuple[str, str]]:
    facts = json.loads((author.folder / "facts.json").read_text("utf-8"))
    return [(step["title"], step["verdict"]) for step in facts["steps"]]


def test_the_commit_that_made_it_red_is_found(changed: Author) -> None:
    status, out = changed("--good", "HEAD~4", "--bad", "HEAD", "--json", "facts.json")
    assert status == 0, out
    assert steps_of(changed) == [
        ("base", "good"),
        ("more notes", "bad"),
        ("other fare", "good"),
        ("fare is called price", "bad"),
    ]
    assert "fare is called price is the first bad commit; " in out
    assert "author: Ada <ada@example.org>" in out
    assert "  data_loaders/trips.py changed\n" in out
    assert "[block-failed] replaces replace data_exporters/replace.py:18: KeyError: 'fare'" in out
    facts = json.loads((changed.folder / "facts.json").read_text("utf-8"))
    assert facts["found"]["name"] == changed.git("rev-parse", "HEAD~1").strip()
    assert facts["problems"][0]["code"] == "block-failed"


def test_the_commit_that_changed_the_data_is_found(changed: Author) -> None:
    status, out = changed(
        *("--good", "HEAD~4", "--bad", "HEAD~2", "--data", "--json", "facts.json"),
        *("--key", "public.trips=trip_id"),
    )
    assert status == 0, out
    assert steps_of(changed) == [
        ("base", "good"),
        ("base", "good"),
        ("other fare", "bad"),
        ("notes", "good"),
    ]
    assert "other fare is the first bad commit; " in out
    assert "Postgres table public.trips: expected the rows of the good commit" in out
    assert "21.0" in out


def test_a_bad_end_whose_run_is_red_has_no_data_to_compare(changed: Author) -> None:
    status, out = changed("--good", "HEAD~1", "--bad", "HEAD", "--data", "--json", "facts.json")
    assert status == 1
    assert "the good commit" in out
    assert "is not good: red" in out
    assert steps_of(changed) == [("fare is called price", "skipped")]


@pytest.fixture
def short_folder() -> Iterator[Path]:
    # The sockets of services lie in it, whose paths may not be long.
    folder = Path(tempfile.mkdtemp(prefix="mhb"))
    yield folder
    shutil.rmtree(folder)


def test_ctrl_c_leaves_nothing_behind(author: Author, short_folder: Path) -> None:
    author.commit("notes")
    before = author.git("worktree", "list"), author.git("status", "--porcelain")
    with author.start("--good", "HEAD~1", TMPDIR=str(short_folder)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("starting"):
                break
        assert list(short_folder.glob("mage-harness-*/author/shop/metadata.yaml"))
        process.send_signal(signal.SIGINT)
        out = process.stdout.read()
    assert process.returncode == 130, out
    assert "interrupted" in out
    assert list(short_folder.glob("mage-harness-*")) == []
    assert (author.git("worktree", "list"), author.git("status", "--porcelain")) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "one of --good, --mage and --package"),
        (["--bad", "HEAD"], "one of --good, --mage and --package"),
        (["--good", "HEAD", "--mage", "0.9.79..0.9.80"], "one of --good, --mage and --package"),
        (["--mage", "0.9.79..0.9.80", "--bad", "HEAD"], "--bad goes with --good"),
        (["--package", "pandas"], "has no =="),
        (["--package", "-r==1..2"], "is no name of a package"),
        (["--good", "--upload-pack=touch x"], "cannot be found out"),
        (["--good", "HEAD"], "the good and the bad revision are the same"),
        (["--good", "HEAD", "--key", "trips"], "--key 'trips' has no ="),
    ],
)
def test_bad_usage_is_told_before_anything_runs(
    author: Author, arguments: list[str], said: str
) -> None:
    status, out = author(*arguments)
    assert status == 2, out
    assert said in out
    assert "starting" not in out
