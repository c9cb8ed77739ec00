"""The variables of what is run by hand among the services: Mage's own pages, ``mage run``, psql."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING

from harness.project.workspace import Workspace
from harness.running.surroundings import Surroundings
from harness.tap import IO_CONFIG_VARIABLE, LED_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.project.model import Project
    from harness.services.stack import Stack
    from harness.settings import Settings

OWNER = "harness@localhost.localdomain"
PASSWORD_VARIABLE = "DEFAULT_OWNER_PASSWORD"  # noqa: S105 - a name
_FOLDER = "by-hand"
# A Mage that would show pipelines and let nobody change them.
_OF_RUNS_ALONE = ("DISABLE_NOTEBOOK_EDIT_ACCESS", "_TYPER_STANDARD_TRACEBACK")
_OF_THE_TERMINAL = ("COLORTERM", "COLUMNS", "LINES", "TERM")
_OF_THE_SHELL = frozenset(
    (
        *("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONDONTWRITEBYTECODE"),
        *("PYTHONUNBUFFERED", "TMPDIR", "TZ", "TZDIR"),
    )
)
"""What somebody's own shell has already, and keeps."""


def variables_by_hand(
    project: Project, *, stack: Stack, settings: Settings, progress: Callable[[str], None]
) -> dict[str, str]:
    """All variables of a program that works on the project itself, among the running services.

    They are those of a run, but for what a run alone has: the project is its own source, and its
    io_config.yaml is led as Mage reads it.

    Args:
        project: The project.
        stack: The services; what runs now is led to.
        settings: Which Mage, and with which variables.
        progress: Told what is being prepared, where that takes time.

    Raises:
        EnvironmentNotAbleError: Mage's environment cannot be made.
        InputError: A variable of the settings names something unknown.
    """
    folder = stack.folder / _FOLDER
    places = {name: folder / name for name in ("data", "home", "tmp", "logs")}
    for place in (folder, *places.values()):
        place.mkdir(mode=0o700, exist_ok=True)
    workspace = Workspace(
        path=project.path,
        data_dir=places["data"],
        home=places["home"],
        tmp=places["tmp"],
        logs=places["logs"],
    )
    # By hand nothing runs in a container, wherever the services are.
    settings = settings.model_copy(update={"provider": "embedded"})
    surroundings = Surroundings(project, stack=stack, settings=settings, progress=progress)
    variables = surroundings.variables(workspace, None)
    for name in _OF_RUNS_ALONE:
        variables.pop(name, None)
    return {
        **_own_pages(),
        **variables,
        LED_VARIABLE: "1",
        IO_CONFIG_VARIABLE: json.dumps(stack.overlay()),
    }


def _own_pages() -> dict[str, str]:
    """How one signs in to Mage's own pages: others of this machine may know Mage's defaults."""
    return {
        "DEFAULT_OWNER_EMAIL": OWNER,
        "DEFAULT_OWNER_USERNAME": "harness",
        PASSWORD_VARIABLE: secrets.token_urlsafe(12),
        "JWT_SECRET": secrets.token_urlsafe(32),
    }


def for_a_shell(variables: Mapping[str, str]) -> dict[str, str]:
    """Those that somebody's own shell lacks.

    Args:
        variables: All variables.
    """
    return {name: value for name, value in variables.items() if name not in _OF_THE_SHELL}


def for_a_command(
    variables: Mapping[str, str], *, machine: Mapping[str, str] | None = None
) -> dict[str, str]:
    """All that a command gets: beside the variables, its terminal and the programs of the machine.

    Args:
        variables: All variables.
        machine: The harness's own environment; ``os.environ`` if not given.
    """
    machine = os.environ if machine is None else machine
    terminal = {name: machine[name] for name in _OF_THE_TERMINAL if name in machine}
    path = ":".join(filter(None, (variables["PATH"], machine.get("PATH", ""))))
    return {**terminal, **variables, "PATH": path}
