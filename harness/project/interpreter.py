"""The Python interpreters of this machine: which there are, and what one has."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import uv

from harness.errors import SettingsError
from harness.project.uvrun import uv_environment

_LOOK = """
import importlib.metadata, json, sys
import {module}
print(json.dumps([importlib.metadata.version({distribution!r}), sys.version.split()[0]]))
"""


def look(python: Path, distribution: str) -> tuple[str, str]:
    """Ask an interpreter what it has.

    Args:
        python: The interpreter.
        distribution: The distribution that it must be able to import.

    Returns:
        The distribution's version, and the Python version.

    Raises:
        SettingsError: It cannot be started, or cannot import that.
    """
    code = _LOOK.format(module=distribution.replace("-", "_"), distribution=distribution)
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", code],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or "it did not answer within 120 s"
        raise SettingsError(
            f"the interpreter {python} cannot be started",
            cause=str(reason),
            remedy="correct the setting `mage_python`, or leave it out to have one made",
        ) from error
    if done.returncode != 0:
        raise SettingsError(
            f"the interpreter {python} cannot import {distribution}",
            evidence=done.stderr.strip().splitlines()[-1:],
            remedy=f"install it there (uv pip install --python {python} {distribution}), or leave "
            "the setting `mage_python` out to have an environment made",
        )
    version, number = json.loads(done.stdout.strip().splitlines()[-1])
    return str(version), str(number)


def command(python: Path, script: str) -> tuple[str, ...]:
    """The words that start the command ``mage`` of an interpreter's environment.

    Args:
        python: The interpreter.
        script: The command's name beside it.
    """
    program = python.parent / script
    if program.is_file():
        return (str(python), str(program))
    return (str(python), "-m", "mage_ai.cli.main")


def own_python() -> Path:
    """The interpreter behind this very process, which uv need not find by itself."""
    return (
        Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    )


def of_pyenv(version: str) -> Path | None:
    """The newest interpreter of a version that pyenv has, which uv sees only where it is chosen.

    Args:
        version: Such as ``3.12`` or ``3.12.1``.
    """
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    named = [root / version, *root.glob(f"{version}.*")]
    found = [one for one in named if (one / "bin" / "python3").is_file()]
    if not found:
        return None
    newest = max(found, key=lambda one: [int(part) for part in re.findall(r"\d+", one.name)])
    return newest / "bin" / "python3"


def pythons(folder: Path) -> list[str]:
    """The Pythons that there are, this process's own first, one a line.

    Args:
        folder: Where uv looks from.
    """
    own = (
        [f"found: cpython-{platform.python_version()} {own_python()}"]
        if own_python().is_file()
        else []
    )
    try:
        done = subprocess.run(
            [uv.find_uv_bin(), "python", "list", "--only-installed"],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=folder,
            env=uv_environment(os.environ),
        )
    except (OSError, subprocess.TimeoutExpired):
        return own
    found = [" ".join(line.split()[:2]) for line in done.stdout.splitlines() if line.strip()]
    return own + [f"found: {line}" for line in found if str(own_python()) not in line][:8]
