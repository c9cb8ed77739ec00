"""Options that several subcommands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from harness.errors import InputError
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
VariablesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--var",
        metavar="K=V",
        help="A runtime variable; the value may be JSON. May be given several times.",
    ),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="The time that pipelines and services have in place of the real one, such as "
        "2021-02-01T05:00Z; it is the execution_date too. It runs on from there. Default: the "
        "real time.",
    ),
]
DeadlineOption = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="End a pipeline's run after so long. Default: 300."),
]
FileOption = Annotated[
    list[str] | None,
    typer.Option(
        "--file",
        "--from-file",
        metavar="URL=PATH",
        help="Serve a local file for a URL, instead of a recording. May be given several times.",
    ),
]
ProviderOption = Annotated[
    str | None,
    typer.Option(
        help="Who provides the services: embedded (programs of this machine) or docker "
        "(containers; pipelines run in the image of the project's Dockerfile). Default: embedded."
    ),
]
RunnerOption = Annotated[
    str | None,
    typer.Option(
        help="How Mage's processes begin: cold (started, as in production), auto (forked of a "
        "server that has Mage's libraries loaded, as soon as it is ready) or warm (the same, and "
        "the first run waits for it). The server stays for the next command (docs/warm.md). "
        "Default: auto."
    ),
]
YesOption = Annotated[
    bool,
    typer.Option(
        "--yes", help="Write contracts without asking. Without it, and without a terminal, none is."
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


def pairs(option: str, texts: list[str] | None) -> dict[str, Any] | None:
    """``left=right`` texts; the last ``=`` divides, since a URL may hold some.

    Args:
        option: The option that they were given with.
        texts: The texts, or None.

    Returns:
        Right by left; None where there are no texts. A file's path is absolute.

    Raises:
        InputError: A text is not of that form.
    """
    if not texts:
        return None
    pairs = {}
    for text in texts:
        left, equals, right = text.rpartition("=")
        if not equals or not left or not right:
            raise InputError(
                f"{option} {text!r} has no =",
                remedy=f"write it as the help says: mage-harness run --help, {option}",
            )
        pairs[left] = str(Path(right).absolute()) if option == "--file" else right
    return pairs
