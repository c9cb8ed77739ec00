"""``open --shell``: a shell among the services, with the outputs of blocks at hand."""

from __future__ import annotations

import json
import shutil
import sys
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.cli.duckdb_shell import with_views
from harness.errors import EnvironmentNotAbleError, InputError
from harness.running.outputs import output_names
from harness.services.embedded.installation import find
from harness.tap import OUTPUTS_VARIABLE, SHELL
from harness.up.command import run_command_among
from harness.up.environment import for_a_command, variables_by_hand

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.running.session import Session

_PSQL = "psql"


class Shell(StrEnum):
    """A shell that can be opened."""

    PSQL = "psql"
    DUCKDB = "duckdb"
    PYTHON = "python"


def open_shell(shell: Shell, session: Session, *, outputs: Mapping[str, Path]) -> None:
    """Let the user work in a shell until it ends.

    Args:
        shell: Which.
        session: With the services, running.
        outputs: For each block, the folder with its outputs as Mage keeps them.

    Raises:
        InputError: There is no PostgreSQL among the services.
        EnvironmentNotAbleError: The shell is not to be had here.
    """
    if shell is Shell.DUCKDB:
        with_views(outputs, stdin=sys.stdin, stdout=sys.stdout)
        return
    if shell is Shell.PSQL and "postgres" not in session.stack.services:
        raise InputError(
            "there is no PostgreSQL to open psql on",
            evidence=[f"services: {', '.join(sorted(session.stack.services))}"],
            remedy="take --shell duckdb or --shell python",
        )
    variables = variables_by_hand(
        session.project, stack=session.stack, settings=session.settings, progress=session.progress
    )
    env = for_a_command(variables)
    if shell is Shell.PSQL:
        command = [_psql(env["PATH"])]
    else:
        python = shutil.which("python", path=variables["PATH"])
        command = [python or "python", "-q", "-i", str(SHELL)]
        env[OUTPUTS_VARIABLE] = json.dumps(folders_of(outputs))
    sys.stdout.flush()
    run_command_among(command, env=env, guardian=session.stack.guardian)


def folders_of(outputs: Mapping[str, Path]) -> dict[str, list[str]]:
    """The folders of each block's outputs, in order; blocks that left none are not there.

    Args:
        outputs: For each block, the folder that has them.
    """
    names = {uuid: output_names(folder.parent, folder.name) for uuid, folder in outputs.items()}
    return {
        uuid: [str(outputs[uuid] / name) for name in found if name.startswith("output_")]
        for uuid, found in names.items()
        if any(name.startswith("output_") for name in found)
    }


def _psql(path: str) -> str:
    """This machine's psql, or that of the PostgreSQL which the harness brings.

    Raises:
        EnvironmentNotAbleError: There is none.
    """
    installed = find().bin / _PSQL
    program = shutil.which(_PSQL, path=path) or (str(installed) if installed.is_file() else None)
    if program is None:
        raise EnvironmentNotAbleError(
            "there is no psql",
            evidence=[f"PATH: {path}", f"PostgreSQL: {installed.parent}"],
            remedy="install PostgreSQL's client, for example: apt-get install postgresql-client; "
            "or take --shell python, which has postgres()",
        )
    return program
