"""The environment of Mage's process: built up, never inherited.

What the developer's shell holds (cloud credentials, proxies, tokens) must not reach a pipeline
under test, and what a test passes must not depend on it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError, SettingsError
from harness.project.workspace import Workspace
from harness.services.catalogue import further_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# Says which processor and which threads, not who the developer is.
_MACHINE_PREFIXES = ("OPENBLAS_", "OMP_", "MKL_", "NUMEXPR_")
# A name in braces; or two braces, which stand for one.
_NAMED = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")


def base_environment(
    workspace: Workspace,
    *,
    path: str,
    pythonpath: str,
    machine: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Variables that every run has, before the project's and the services'.

    Args:
        workspace: The folders of the run; Mage writes to its ``data_dir``, which is absolute,
            since a relative one lands in the project.
        path: PATH.
        pythonpath: PYTHONPATH, the tap's folder first.
        machine: The harness's own environment; ``os.environ`` if not given.
    """
    machine = os.environ if machine is None else machine
    kept = {name: value for name, value in machine.items() if name.startswith(_MACHINE_PREFIXES)}
    return {
        **kept,
        "PATH": path,
        "HOME": str(workspace.home),
        "TMPDIR": str(workspace.tmp),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": pythonpath,
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MAGE_DATA_DIR": str(workspace.data_dir),
        # Plain tracebacks: the boxes that typer draws cannot be read by machines.
        "_TYPER_STANDARD_TRACEBACK": "1",
        "DISABLE_NOTEBOOK_EDIT_ACCESS": "1",
        # The AWS SDK would ask the cloud's machine for credentials, which a run has not.
        "AWS_EC2_METADATA_DISABLED": "true",
        # Great Expectations and others would tell their makers of each run.
        "GE_USAGE_STATS": "False",
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


NOWHERE = Workspace(path=Path(), data_dir=Path(), home=Path(), tmp=Path(), logs=Path())
"""No folders of a run."""
BASE_NAMES = frozenset(base_environment(NOWHERE, path="", pythonpath="", machine={}))
"""The variables that every run has, whatever the project says."""


def read_env_file(file: Path) -> dict[str, str]:
    """``NAME=value`` lines of a file, as compose and ``docker run --env-file`` read them.

    Args:
        file: Lines that are empty or begin with ``#`` are left out; quotes around a value go.

    Raises:
        SettingsError: The file is not there, or a line has no ``=``.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the variables' file {file} cannot be read",
            cause=str(error),
            remedy="correct env_file in [tool.mage-harness], or make the file",
        ) from error
    values = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise SettingsError(
                f"line {number} of {file} is not NAME=value",
                evidence=[line],
                remedy="correct the line, or begin it with # if it is a comment",
            )
        values[name.strip()] = _unquoted(value.strip())
    return values


def filled(env: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Replace ``{name}`` in variables by what the private services say.

    A variable that names a further service which does not run is left out: nobody asked for it.

    Args:
        env: Variables as they are written in the settings.
        values: What may be named in braces.

    Raises:
        InputError: A name in braces is not known.
    """
    done = {}
    for name, text in env.items():
        unknown = [named for named in _NAMED.findall(text) if named and named not in values]
        if unknown and all(map(further_of, unknown)) and not _runs(unknown, values):
            continue
        if unknown:
            raise InputError(
                f"the variable {name} names something unknown in braces: {{{unknown[0]}}}",
                evidence=[f"{name} = {text!r}", f"known: {', '.join(sorted(values))}"],
                remedy="correct it in [tool.mage-harness.env]; write {{ and }} for plain braces",
            )
        done[name] = _NAMED.sub(lambda found: _value(found, values), text)
    return done


def _runs(unknown: list[str], values: Mapping[str, str]) -> bool:
    """Whether a service that a name belongs to runs, and does not know it."""
    return bool({*map(further_of, unknown)} & {*map(further_of, values)})


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    """What stands for ``{name}``, ``{{`` or ``}}``."""
    return values[found[1]] if found[1] else found[0][0]


def _unquoted(value: str) -> str:
    for quote in ('"', "'"):
        if len(value) > 1 and value.startswith(quote) and value.endswith(quote):
            return value[1:-1]
    return value
