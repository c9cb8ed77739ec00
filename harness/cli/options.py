"""Options that several subcommands share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from harness.cli import NO_READER
from harness.settings import Settings, load_settings


class Output(Console):
    """The console of all subcommands: plain of highlights, and honest when nobody reads it."""

    def __init__(self, *, soft_wrap: bool = False) -> None:
        super().__init__(highlight=False, soft_wrap=soft_wrap)

    def on_broken_pipe(self) -> NoReturn:
        """End as a program does that SIGPIPE ends: nothing is known to have failed."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(NO_READER)


ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project",
        metavar="DIR",
        help="The Mage project's folder. Default: `project` in [tool.mage-harness] of the nearest "
        "pyproject.toml, else the current folder.",
    ),
]


def settings_for(project: Path | None, **options: Any) -> Settings:
    """The settings, looked for from the project's folder where one is named.

    Args:
        project: The folder given by ``--project``, or None.
        options: Other settings given by options; those that are None are left out.

    Raises:
        SettingsError: A setting is unknown or has no usable value.
    """
    if project is None:
        return load_settings(options=options)
    folder = project.absolute()
    return load_settings(
        start=folder if folder.is_dir() else None, options={"project": folder, **options}
    )
