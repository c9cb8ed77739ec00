"""A project's git repository, only read: revisions, and copies of what they hold."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 120
# Whatever the user has set: the index is not refreshed, and nothing is between the facts.
_PLAIN = ("--no-optional-locks", "-c", "log.showSignature=false")


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository. Its work tree, index and references are never written to.

    Attributes:
        top: Its folder, without symbolic links.
        cannot: The symptom of each error: what cannot be done where git cannot answer.
    """

    top: Path
    cannot: str

    @classmethod
    def of(cls, folder: Path, *, cannot: str) -> Repository:
        """The repository that a folder lies in.

        Args:
            folder: The folder.
            cannot: What cannot be done where git cannot answer.

        Raises:
            InputError: It lies in none, or there is no git.
        """
        top = cls(top=folder, cannot=cannot).git("rev-parse", "--show-toplevel").strip()
        return cls(top=Path(os.path.realpath(top)), cannot=cannot)

    def commit(self, revision: str) -> str:
        """The hash of a commit.

        Args:
            revision: Any name of a revision: ``main``, ``HEAD~1``, ``v1.2``.

        Raises:
            InputError: There is no such commit.
        """
        name = f"{revision}^{{commit}}"
        return self.git("rev-parse", "--verify", "--end-of-options", name).strip()

    def extract(self, commit: str, into: Path) -> None:
        """Write the files of a commit, as ``git archive`` gives them.

        Args:
            commit: The commit's hash.
            into: An empty folder.

        Raises:
            InputError: Git cannot give them.
        """
        command = ["git", "-C", str(self.top), "archive", "--format=tar", commit]
        with tempfile.TemporaryFile() as archive:
            done = subprocess.run(
                command,
                stdout=archive,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            if done.returncode:
                raise self._refused(done.stderr.decode(errors="replace"), command[3:])
            archive.seek(0)
            with tarfile.open(fileobj=archive) as members:
                members.extractall(into, filter=_harmless)  # noqa: S202 - filtered

    def moved(self, path: Path, copy: Path) -> Path:
        """Where a path of the repository is in a copy of it; any other path as it is.

        Args:
            path: The path.
            copy: The copy's folder.
        """
        real = Path(os.path.realpath(path))
        return copy / real.relative_to(self.top) if real.is_relative_to(self.top) else path

    def git(self, *arguments: str) -> str:
        """What git says.

        Args:
            arguments: Its arguments.

        Raises:
            InputError: It fails, or there is no git.
        """
        try:
            done = subprocess.run(
                ["git", "-C", str(self.top), *_PLAIN, *arguments],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError as error:
            raise InputError(
                self.cannot, cause="there is no program git", remedy="install git"
            ) from error
        if done.returncode:
            raise self._refused(done.stderr, arguments)
        return done.stdout

    def _refused(self, said: str, arguments: Sequence[str]) -> InputError:
        return InputError(
            self.cannot,
            cause=said.strip(),
            evidence=[f"git {' '.join(arguments)}, in {self.top}"],
            remedy="name a revision that git knows, such as main or HEAD~1",
        )


def _harmless(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """What would lead out of the copy is left out, such as a link to an absolute path."""
    try:
        return tarfile.data_filter(member, path)
    except tarfile.FilterError:
        return None
