"""A project as it was at a revision of git."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.project.history import Repository
from harness.pyproject import find, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from harness.settings import Settings

_CANNOT = "what changed since a revision cannot be found out"
CODE = ("project", "requirements", "dockerfile")
"""Settings that name a project's code and what it is installed with."""
GIVEN = ("fixtures", "contracts", "env_file", "files")
"""Settings that name what a project is given in a run."""


@contextmanager
def as_it_was(settings: Settings, revision: str) -> Iterator[Settings]:
    """The settings with their paths in a copy of what git has of them.

    Args:
        settings: The settings of today; only their paths are other ones then.
        revision: Any name of a revision: ``main``, ``HEAD~1``, ``v1.2``.

    Raises:
        InputError: The project is in no repository, or there is no such revision.
    """
    repository = Repository.of(settings.project, cannot=_CANNOT)
    commit = repository.commit(revision)
    with tempfile.TemporaryDirectory(prefix="mage-harness-") as name:
        copy = Path(name).resolve()
        repository.extract(commit, copy)
        yield moved(settings, repository, copy, names=(*CODE, *GIVEN))


def moved(
    settings: Settings, repository: Repository, copy: Path, *, names: Collection[str]
) -> Settings:
    """The settings with some of their paths in a copy of the repository.

    Args:
        settings: The settings.
        repository: The repository.
        copy: The copy's folder.
        names: Which settings, of those in ``CODE`` and ``GIVEN``.
    """
    paths: dict[str, Any] = {}
    for name in names:
        value = getattr(settings, name)
        if isinstance(value, dict):
            paths[name] = {url: repository.moved(file, copy) for url, file in value.items()}
        elif value is not None:
            paths[name] = repository.moved(value, copy)
    return settings.model_copy(update=paths)


def table_at(project: Path) -> Mapping[str, Any]:
    """``[tool.mage-harness]`` for a project, as it is written; empty where there is none.

    Args:
        project: The project's folder.

    Raises:
        SettingsError: It cannot be read.
    """
    file = find(project)
    return {} if file is None else table_of(file)
