"""Options that several subcommands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from harness.settings import Settings, load_settings

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
