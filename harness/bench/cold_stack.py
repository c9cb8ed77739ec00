"""Starts all services of a provider, says so, and ends them when its input ends."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.services.stack import Stack
from harness.settings import load_settings


def main(provider: str, project: str) -> None:
    """Start, say so, and wait.

    Args:
        provider: The provider's name.
        project: The project's folder.
    """
    folder = Path(project)
    settings = load_settings(start=folder, options={"provider": provider, "project": folder})
    with Stack(settings) as stack:
        stack.start()
        stack.postgres.connect().close()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
