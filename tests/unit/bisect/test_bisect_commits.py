"""Commits between a good one and a bad one, in a real repository that is only read."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.bisect.commits import Commits
from harness.errors import InputError
from harness.machine.guardian import Guardian
from harness.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bisect.candidates import Candidate

METADATA = """\
name: trips
uuid: trips
type: python
blocks:
- {name: load, uuid: load, type: data_loader, language: python, upstream_blocks: []}
"""
TABLE = """\
[tool.mage-harness]
project = "shop"
fixtures = "fixtures"
"""
BLOCK = """\
from shop.utils.prices import price

@data_loader
def load(*args, **kwargs):
    return price()
"""


class Shop:
    """A repository with a project, and commits of its files."""

    def __init__(self, top: Path, guardian: Guardian) -> None:
        self.top = top
        self._guardian = guardian
        top.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("config", "log.showSignature", "true")
        self.write("pyproject.toml", TABLE)
        self.write("shop/metadata.yaml", "project_type: standalone\n")
        self.write("shop/pipelines/trips/metadata.yaml", METADATA)
        self.write("shop/data_loaders/load.py", BLOCK)
        self.write("shop/utils/__init__.py", "")
        self.price(1)
        self.first = self.commit("one")

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        command = ["git", "-C", str(self.top), *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, name: str, text: str) -> None:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def price(self, amount: int) -> None:
        self.write("shop/utils/prices.py", f"def price():\n    return {amount}\n")

    def commit(self, subject: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def commits(self, good: str, bad: str | None = None, *, own_fixtures: bool = False) -> Commits:
        return Commits(
            load_settings(start=self.top, environ={}),
            pipeline="trips",
            good=good,
            bad=bad,
            own_fixtures=own_fixtures,
            guardian=self._guardian,
        )

    def state(self) -> dict[str, str]:
        """Each file of the repository, git's own too, by the digest of its content."""
        return {
            str(path.relative_to(self.top)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.top.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def guardian() -> Iterator[Guardian]:
    with Guardian() as guardian:
        yield guardian


@pytest.fixture
def shop(tmp_path: Path, guardian: Guardian, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return Shop(tmp_path / "shop", guardian)


def titles(commits: Commits) -> list[str]:
    return [one.title or one.shown for one in commits.all]


def by_title(commits: Commits, title: str) -> Candidate:
    (found,) = [one for one in commits.all if one.title == title]
    return found


def test_commits_are_in_their_order_and_the_working_tree_is_last_where_it_is_changed(
    shop: Shop,
) -> None:
    for number in (2, 3):
        shop.price(number)
        shop.commit(f"price {number}")
    assert titles(shop.commits(shop.first)) == ["one", "price 2", "price 3"]
    assert titles(shop.commits("HEAD~2", "HEAD~1")) == ["one", "price 2"]
    shop.price(4)
    commits = shop.commits("HEAD~1")
    assert titles(commits) == ["price 2", "price 3", "the working tree"]
    assert titles(shop.commits("HEAD~1", "HEAD")) == ["price 2", "price 3"]
    with commits.at(commits.all[-1]) as settings:
        assert settings.project == shop.top / "shop"
    answer = commits.answer(commits.all[-2], commits.all[-1])
    assert answer.files == ("shop/utils/prices.py",)
    assert answer.inputs == ("utils/prices.py changed",)
    assert answer.author == ""


def test_a_commit_is_checked_out_privately_and_the_repository_is_not_written_to(
    shop: Shop,
) -> None:
    shop.price(2)
    shop.commit("two")
    shop.price(3)
    shop.git("add", "-A")
    shop.price(4)
    shop.write("fixtures/seeds/x.csv", "a\n1\n")
    before = shop.state()
    commits = shop.commits(shop.first)
    with commits.at(by_title(commits, "one")) as settings:
        home = settings.project
        assert home.parent != shop.top
        # Modules may be imported by the name of the folder above.
        assert home.parent.name == shop.top.name
        assert (home / "utils" / "prices.py").read_text().endswith("return 1\n")
        assert settings.fixtures == shop.top / "fixtures"
        assert home.parent.parent.stat().st_mode & 0o777 == 0o700
    assert not home.parent.parent.exists()
    commits.answer(commits.all[0], commits.all[1])
    assert shop.state() == before


def test_fixtures_may_be_each_commits_own(shop: Shop) -> None:
    shop.commit("two")
    commits = shop.commits(shop.first, own_fixtures=True)
    with commits.at(commits.all[0]) as settings:
        assert settings.fixtures == settings.project.parent / "fixtures"


def test_who_breaks_off_leaves_no_folder(shop: Shop) -> None:
    shop.commit("two")
    commits = shop.commits(shop.first)
    with pytest.raises(KeyboardInterrupt), commits.at(commits.all[0]) as settings:
        raise KeyboardInterrupt
    assert not settings.project.exists()


def test_the_answer_names_author_files_and_what_of_them_counts(shop: Shop) -> None:
    shop.price(2)
    shop.write("notes.md", "x")
    shop.commit("two\n\nand more of it")
    commits = shop.commits(shop.first)
    answer = commits.answer(*commits.all)
    assert answer.author == "Ada <ada@example.org>"
    assert answer.date == shop.git("show", "-s", "--format=%aI")
    assert answer.files == ("notes.md", "shop/utils/prices.py")
    assert answer.inputs == ("utils/prices.py changed",)
    assert answer.further == ""


def test_of_a_commit_that_has_no_such_pipeline_the_files_are_told_all_the_same(shop: Shop) -> None:
    shop.git("rm", "-rq", "shop/pipelines")
    shop.commit("gone")
    commits = shop.commits(shop.first)
    answer = commits.answer(*commits.all)
    assert answer.files == ("shop/pipelines/trips/metadata.yaml",)
    assert answer.inputs[0].startswith("what it depends on cannot be told")


def test_of_merges_the_first_parent_counts_and_the_answer_says_how_to_look_inside(
    shop: Shop,
) -> None:
    shop.git("checkout", "-qb", "side")
    shop.price(2)
    inside = shop.commit("inside")
    shop.git("checkout", "-q", "main")
    shop.write("notes.md", "x")
    shop.commit("beside")
    shop.git("merge", "-q", "--no-ff", "-m", "merged", "side")
    shop.write("notes.md", "y")
    shop.commit("after")
    commits = shop.commits(shop.first)
    assert titles(commits) == ["one", "beside", "merged", "after"]
    answer = commits.answer(by_title(commits, "beside"), by_title(commits, "merged"))
    assert answer.inputs == ("utils/prices.py changed",)
    assert answer.further.endswith(f"--good {shop.first[:10]} --bad {inside[:10]}")
    # What is not built on the good one is not looked at.
    assert titles(shop.commits(inside)) == ["inside", "merged", "after"]


def test_a_good_one_that_does_not_come_before_is_refused_with_one_that_does(shop: Shop) -> None:
    shop.git("checkout", "-qb", "side")
    side = shop.commit("on the side")
    shop.git("checkout", "-q", "main")
    shop.commit("two")
    with pytest.raises(InputError, match="does not come before the bad one") as caught:
        shop.commits(side)
    assert shop.first[:10] in caught.value.remedy
    with pytest.raises(InputError, match="does not come before"):
        shop.commits("HEAD", "HEAD~1")
    with pytest.raises(InputError, match="are the same"):
        shop.commits("HEAD")


@pytest.mark.parametrize("revision", ["nope", "--output=x", "--upload-pack=touch x", "-p", "", "."])
def test_hostile_revisions_are_refused(shop: Shop, revision: str) -> None:
    shop.commit("two")
    before = shop.state()
    for ends in ((revision, None), (shop.first, revision or "^")):
        with pytest.raises(InputError, match="cannot be found out"):
            shop.commits(*ends)
    assert shop.state() == before


def test_a_subject_may_hold_anything_that_git_takes(shop: Shop) -> None:
    shop.commit("odd \x1b[31m \x0b \u2028 [bold]subject")
    assert shop.commits(shop.first).all[1].title == "odd \x1b[31m \x0b \u2028 [bold]subject"


def test_a_project_outside_of_git_is_told(
    tmp_path: Path, guardian: Guardian, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(InputError, match="cannot be found out") as caught:
        Commits(
            load_settings(start=tmp_path, environ={}),
            pipeline="trips",
            good="HEAD",
            bad=None,
            own_fixtures=False,
            guardian=guardian,
        )
    assert "not a git repository" in caught.value.cause
