"""Modules are found where Mage's image finds them: in the project, beside it, and in its root."""

import os
import sys

_ROOT = "/home/src"


def watch(project: str) -> None:
    """Let modules be imported from the project, after all that is installed.

    Args:
        project: The project's folder; nothing is done for an empty string.
    """
    if project:
        wanted = [os.path.dirname(project), project]
        wanted += [_ROOT] if os.path.isdir(_ROOT) else []
        sys.path.extend(place for place in wanted if place not in sys.path)
