"""How the guardian is told to run a module of the harness when this process is gone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import harness

if TYPE_CHECKING:
    from collections.abc import Iterable


def order(
    module: str, *arguments: str, variables: Iterable[str] = ()
) -> tuple[list[str], dict[str, str]]:
    """A command that finds what this process finds, wherever the harness was installed.

    Args:
        module: The module's whole name; it is run as a script.
        arguments: Its arguments; everybody on this machine can read them.
        variables: Names of variables that it gets as they are here, where they are set.

    Returns:
        The command, and all variables that it needs, for ``Guardian.command``.
    """
    # The command starts in another folder. What names this one is left out: what lies in it may
    # have the names of other modules.
    entries = [str(Path(entry).absolute()) for entry in sys.path if entry]
    # Some are found by a hook of the import system and by no entry.
    entries += [str(Path(folder).absolute().parent) for folder in harness.__path__]
    path = os.pathsep.join(dict.fromkeys(entries))
    passed = {name: os.environ[name] for name in variables if name in os.environ}
    return [sys.executable, "-P", "-m", module, *arguments], {**passed, "PYTHONPATH": path}
