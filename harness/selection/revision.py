"""A project as it was at a revision of git."""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.pyproject import find, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.settings import Settings

_PATHS = ("project", "fixtures", "contracts", "requirements", "env_file", "dockerfile")
_SECONDS = 120


@contextmanager
def as_it_was(settings: Settings, revision: str) -> Iterator[Settings]:
    """The settings with their paths in a copy of what git has of them.

    Args:
        settings: The settings of today; only their paths are other ones then.
        revision: Any name of a revision: ``main``, ``HEAD~1``, ``v1.2``.

    Raises:
        InputError: The project is in no repository, or there is no such revision.
    """
    top = Path(os.path.realpath(_git(settings.project, "rev-parse", "--show-toplevel").strip()))
    found = _git(top, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix="mage-harness-") as name:
        copy = Path(name).resolve()
        _extract(top, found.strip(), copy)

        def moved(path: Path) -> Path:
            real = Path(os.path.realpath(path))
            return copy / real.relative_to(top) if real.is_relative_to(top) else path

        paths: dict[str, Any] = {
            field: moved(path) for field in _PATHS if (path := getattr(settings, field)) is not None
        }
        paths["files"] = {url: moved(file) for url, file in settings.files.items()}
        yield settings.model_copy(update=paths)


def table_at(project: Path) -> Mapping[str, Any]:
    """``[tool.mage-harness]`` for a project, as it is written; empty where there is none.

    Args:
        project: The project's folder.

    Raises:
        SettingsError: It cannot be read.
    """
    file = find(project)
    return {} if file is None else table_of(file)


def _extract(top: Path, revision: str, copy: Path) -> None:
    command = ["git", "-C", str(top), "archive", "--format=tar", revision]
    with tempfile.TemporaryFile() as archive:
        done = subprocess.run(
            command, stdout=archive, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise _not_found(done.stderr.decode(errors="replace"), command[3:], top)
        archive.seek(0)
        with tarfile.open(fileobj=archive) as members:
            members.extractall(copy, filter=_harmless)  # noqa: S202 - filtered


def _harmless(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """What would lead out of the copy is left out, such as a link to an absolute path."""
    try:
        return tarfile.data_filter(member, path)
    except tarfile.FilterError:
        return None


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise InputError(
            "what changed since a revision cannot be found out",
            cause="there is no program git",
            remedy="install git, or use --changed alone: since the last green run",
        ) from error
    if done.returncode:
        raise _not_found(done.stderr, arguments, folder)
    return done.stdout


def _not_found(said: str, arguments: Sequence[str], folder: Path) -> InputError:
    return InputError(
        "what changed since a revision cannot be found out",
        cause=said.strip(),
        evidence=[f"git {' '.join(arguments)}, in {folder}"],
        remedy="name a revision that git knows, such as main or HEAD~1",
    )
