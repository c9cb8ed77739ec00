"""What a recording may replace: a cassette, and nothing that somebody put beside it."""

from __future__ import annotations

import pytest

from harness.replay.cassette import foreign, load_all

INDEX = """\
- {method: GET, url: "https://a.test/x", status: 200, body: x.csv, sha256: abc}
- {method: POST, url: "https://a.test/x", status: 200, request: {body: x.request}}
"""


@pytest.fixture
def cassette(tmp_path):
    folder = tmp_path / "http" / "mine"
    folder.mkdir(parents=True)
    (folder / "index.yaml").write_text(INDEX)
    (folder / "x.csv").write_text("1")
    (folder / "x.request").write_text("2")
    return folder


def test_a_cassette_holds_its_own_files_only(cassette):
    assert foreign(cassette) == ()
    assert foreign(cassette.parent / "none") == ()


def test_a_file_or_folder_of_someone_is_named(cassette):
    (cassette / "facts.json").write_text("{}")
    (cassette / "inner").mkdir()
    assert [one.name for one in foreign(cassette)] == ["facts.json", "inner"]


@pytest.mark.parametrize("text", ["- [", "3", "- 3", "{a: 1}", "\x00"])
def test_a_broken_index_vouches_for_nothing(cassette, text):
    (cassette / "index.yaml").write_text(text)
    assert [one.name for one in foreign(cassette)] == ["x.csv", "x.request"]


def test_a_folder_without_an_index_is_no_cassette(cassette):
    (cassette / "index.yaml").unlink()
    assert len(foreign(cassette)) == 2


def test_a_link_or_a_file_is_no_cassette(cassette):
    link = cassette.parent / "link"
    link.symlink_to(cassette)
    assert foreign(link) == (link,)
    assert foreign(cassette / "x.csv") == (cassette / "x.csv",)


def test_a_draft_is_not_played(cassette):
    draft = cassette.parent / ".mine-x1"
    draft.mkdir()
    (draft / "index.yaml").write_text("- half")
    (cassette / "index.yaml").write_text("[]")
    assert load_all(cassette.parent) == ()
