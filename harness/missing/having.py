"""What a run has of what source code asks for by name."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.replay.urls import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_SECONDS = 30
_LOOK = """
import importlib.util, json, sys
def lacks(name):
    try:
        return importlib.util.find_spec(name) is None
    except (ImportError, ValueError):
        return True
print(json.dumps([name for name in json.loads(sys.argv[1]) if lacks(name)]))
"""


@dataclass(frozen=True, kw_only=True)
class Having:
    """What a run has.

    Attributes:
        variables: The names of the variables of its environment.
        secrets: The names of its secrets.
        profiles: The profiles of io_config.yaml that the settings add to the file's own.
        urls: The URLs that recordings and mapped files answer.
        refused: The URLs that were asked for and not answered, which is told already.
        lacks: Of the names of modules, those that cannot be imported.
    """

    variables: frozenset[str]
    secrets: frozenset[str]
    urls: frozenset[str]
    refused: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    lacks: Callable[[Iterable[str]], frozenset[str]]


def answered(urls: Iterable[str]) -> frozenset[str]:
    """URLs in the form in which they are compared.

    Args:
        urls: The URLs that recordings and mapped files answer.
    """
    return frozenset(map(normalised, urls))


def lacked_by(python: Path | None) -> Callable[[Iterable[str]], frozenset[str]]:
    """What tells of modules whether an interpreter lacks them; of none where it cannot be asked.

    Args:
        python: The interpreter; None where it is in a container.
    """

    def lacks(names: Iterable[str]) -> frozenset[str]:
        wanted = sorted(set(names))
        if python is None or not wanted:
            return frozenset()
        try:
            done = subprocess.run(
                [str(python), "-I", "-c", _LOOK, json.dumps(wanted)],
                check=True,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
            )
            return frozenset(json.loads(done.stdout))
        except (OSError, subprocess.SubprocessError, ValueError):
            return frozenset()

    return lacks
