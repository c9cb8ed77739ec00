"""The releases of a package, as the index has them that uv is set up for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness.errors import InputError, ProjectError
from harness.project.uvrun import run_uv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def newest(
    package: str,
    condition: str,
    *,
    python: str,
    folder: Path,
    progress: Callable[[str], None],
) -> str:
    """The newest release of a package that meets a condition and runs on a Python.

    Args:
        package: The package's name.
        condition: Such as ``>=0.9.70,<0.9.80``.
        python: The Python version.
        folder: Where files are written meanwhile.
        progress: Told in a line what goes on, where that takes time.

    Raises:
        InputError: There is none.
        EnvironmentNotAbleError: The index does not answer.
    """
    options = ("--no-deps", "--no-header", "--no-annotate", "--python-version", python)
    asked, found = folder / "releases.in", folder / "releases.txt"
    asked.write_text(f"{package}{condition}\n", "utf-8")
    # What is in it would be preferred.
    found.unlink(missing_ok=True)
    try:
        run_uv(
            ["pip", "compile", str(asked), "--output-file", str(found), *options],
            folder=folder,
            environ=os.environ,
            progress=progress,
            doing=f"looking for the newest {package}{condition}",
        )
    except ProjectError as error:
        raise InputError(
            f"no release of {package} is {condition} and runs on Python {python}",
            cause="the package index that uv is set up for has none",
            remedy="name a release that it has",
        ) from error
    name, _, version = found.read_text("utf-8").strip().partition("==")
    return version.split()[0] if name else ""
