"""The commits of a project between a good one and a bad one, each checked out privately."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.bisect.candidates import Answer, Candidate
from harness.errors import HarnessError, InputError
from harness.project.history import Repository
from harness.project.reader import read_project
from harness.selection.looking import Looking
from harness.selection.revision import CODE, GIVEN, moved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.machine.guardian import Guardian
    from harness.selection.inputs import Inputs
    from harness.settings import Settings

_PREFIX = "mage-harness-"
_CANNOT = "the commits to look at cannot be found out"
_WORK_TREE = Candidate(name="", shown="the working tree")


class Commits:
    """First-parent commits of the repository that a project lies in.

    Their code, requirements and Dockerfile are each commit's own; fixtures, contracts and mapped
    files are those of now, so that nothing but the code is another.

    Args:
        settings: How the pipeline is run now.
        pipeline: The pipeline's uuid.
        good: A revision where all was well.
        bad: A revision where it was not any more; the working tree if not given, or HEAD where
            that has no changes.
        own_fixtures: Whether fixtures, contracts and mapped files are each commit's own, too.
        guardian: Who clears up the checked out files.

    Raises:
        InputError: There is no repository, or no such revision, or the good one does not come
            before the bad one.
    """

    noun = "commit"

    def __init__(
        self,
        settings: Settings,
        *,
        pipeline: str,
        good: str,
        bad: str | None,
        own_fixtures: bool,
        guardian: Guardian,
    ) -> None:
        self._settings = settings
        self._pipeline = pipeline
        self._names = (*CODE, *GIVEN) if own_fixtures else CODE
        self._guardian = guardian
        self._git = Repository.of(settings.project, cannot=_CANNOT)
        self.all = self._found(good, bad)

    def _found(self, good: str, bad: str | None) -> Sequence[Candidate]:
        first, last = self._git.commit(good), self._git.commit(bad or "HEAD")
        base = self._git.git("merge-base", first, last).strip() if first != last else first
        if base != first:
            raise InputError(
                f"the good revision {good} does not come before the bad one",
                cause="it is on another branch, or after it",
                evidence=[f"the last commit that both have: {base}"],
                remedy=f"name one that comes before it, such as --good {base[:10]}",
            )
        listed = self._git.git(
            "log",
            "--first-parent",
            "--ancestry-path",
            "--reverse",
            "--format=%H%x00%h%x00%s",
            f"{first}..{last}",
        )
        found = [
            self._one(first),
            *(_candidate(line) for line in filter(None, listed.split("\n"))),
        ]
        if bad is None and self._changed():
            found.append(_WORK_TREE)
        if len(found) == 1:
            raise InputError(
                "the good and the bad revision are the same",
                evidence=[found[0].line],
                remedy="name an earlier one with --good, or a later one with --bad",
            )
        return found

    @contextmanager
    def at(self, candidate: Candidate) -> Iterator[Settings]:
        """The settings with the paths of a private copy of a commit.

        Args:
            candidate: The commit, or the working tree, which is used as it is.

        Raises:
            InputError: Git cannot give its files.
        """
        if candidate == _WORK_TREE:
            yield self._settings
            return
        folder = self._guardian.make_folder(prefix=_PREFIX).resolve()
        try:
            # Code may import the project by its folder's name.
            copy = folder / self._git.top.name
            copy.mkdir()
            self._git.extract(candidate.name, copy)
            yield moved(self._settings, self._git, copy, names=self._names)
        finally:
            self._guardian.delete(folder)

    def answer(self, before: Candidate, first: Candidate) -> Answer:
        """Who changed what: the files, and those among them that the pipeline depends on.

        Args:
            before: The last good commit.
            first: The first bad one.
        """
        inputs = self._difference(before, first)
        if first == _WORK_TREE:
            return Answer(files=self._changed(), inputs=inputs)
        facts = self._git.git("show", "-s", "--format=%an <%ae>%x00%aI%x00%P", first.name)
        author, date, parents = facts.rstrip("\n").split("\0")
        names = ("diff-tree", "-r", "--name-only", "-z", before.name, first.name)
        return Answer(
            author=author,
            date=date,
            files=tuple(filter(None, self._git.git(*names).split("\0"))),
            inputs=inputs,
            further=self._inside(parents.split()),
        )

    def _difference(self, before: Candidate, first: Candidate) -> tuple[str, ...]:
        try:
            then = self._inputs(before)
            return self._inputs(first).since(then)
        except HarnessError as error:
            return (f"what it depends on cannot be told: {error.symptom}",)

    def _inputs(self, candidate: Candidate) -> Inputs:
        with self.at(candidate) as settings:
            looking = Looking(read_project(settings.project), settings=settings)
            return looking.inputs(self._pipeline, given={})

    def _inside(self, parents: Sequence[str]) -> str:
        """How to look into a merge, of which the search has seen the first parents alone."""
        if len(parents) < 2:  # noqa: PLR2004 - two parents make a merge
            return ""
        base = self._git.git("merge-base", *parents[:2]).strip()
        return (
            f"it is a merge; look into it with: mage-harness bisect {self._pipeline} "
            f"--good {base[:10]} --bad {parents[1][:10]}"
        )

    def _changed(self) -> tuple[str, ...]:
        """The files of the working tree that are not as in HEAD, relative to the repository."""
        said = self._git.git("status", "--porcelain", "--no-renames", "-z")
        return tuple(line[3:] for line in said.split("\0") if line)

    def _one(self, commit: str) -> Candidate:
        return _candidate(self._git.git("show", "-s", "--format=%H%x00%h%x00%s", commit))


def _candidate(line: str) -> Candidate:
    name, shown, title = line.rstrip("\n").split("\0")
    return Candidate(name=name, shown=shown, title=title)
