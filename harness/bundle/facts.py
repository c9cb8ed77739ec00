"""What a bundle says of a run in JSON: how it was asked for, its verdict, and all versions."""

from __future__ import annotations

import json
import platform
import subprocess
from importlib.metadata import distributions, version
from typing import TYPE_CHECKING, Any

from harness.faults.written import left, text_of
from harness.running.child_environment import read_env_file

if TYPE_CHECKING:
    from pathlib import Path

    from harness.report.model import PipelineReport
    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.settings import Settings

RUN, SETTINGS, VERSIONS = "run.json", "settings.json", "versions.json"
CARRIED = (
    *("provider", "deadline", "mage_version", "python", "env", "secrets", "profiles", "sleep"),
    *("runner", "accept", "gcp_project"),
)
"""The settings that a bundle carries on; paths and addresses of a machine are none of them."""
_PATIENCE = 60
_ASKED = """
import importlib.metadata as m, json, sys
found = sorted({f"{d.metadata['Name']}=={d.version}" for d in m.distributions()})
python = f"{sys.version_info.major}.{sys.version_info.minor}"
print(json.dumps([python, m.version("mage-ai"), found]))
"""


def settings_of(settings: Settings, run: PipelineRun) -> dict[str, Any]:
    """The settings that the run can be repeated with; a variables' file is among the variables.

    Args:
        settings: Those of the run.
        run: The run.
    """
    told = settings.model_dump(mode="json", include={*CARRIED})
    if settings.env_file is not None:
        # What stands in the file stands for itself; braces of the settings name services.
        lines = {
            name: value.replace("{", "{{").replace("}", "}}")
            for name, value in read_env_file(settings.env_file).items()
        }
        told["env"] = {**lines, **told["env"]}
    told["accept"] = {run.pipeline: list(settings.accept.get(run.pipeline, ()))}
    entry = run.asked.entry or settings.entry.get(run.pipeline)
    return {**told, "at": run.at, "entry": {} if entry is None else {run.pipeline: entry}}


def run_of(run: PipelineRun, report: PipelineReport, *, settings: Settings) -> dict[str, Any]:
    """How the run was asked for, but for its variables, and what became of it.

    Args:
        run: The run.
        report: Its facts as they are published.
        settings: Those of the run.
    """
    asked = run.asked
    return {
        "pipeline": run.pipeline,
        "block": asked.block,
        "arguments": list(asked.arguments),
        "faults": [text_of(left(one)) for one in run.declared if not one.is_met],
        "hash_seed": settings.env.get("PYTHONHASHSEED", "random"),
        "report": report.as_json(),
    }


def versions_of(session: Session) -> dict[str, Any]:
    """The versions of everything that took part.

    Args:
        session: Where it ran.
    """
    own = sorted({f"{one.metadata['Name']}=={one.version}" for one in distributions()})
    python, mage, packages = _of_mage(session)
    return {
        "harness": version("mage-harness"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "mage": mage,
        "mage_python": python,
        "mage_packages": packages,
        "harness_packages": own,
    }


def written(folder: Path, name: str, facts: dict[str, Any]) -> None:
    """Write facts into a file.

    Args:
        folder: The folder.
        name: The file's name.
        facts: The facts.
    """
    text = json.dumps(facts, indent=1, sort_keys=True, default=str)
    (folder / name).write_text(f"{text}\n", "utf-8")


def _of_mage(session: Session) -> tuple[str, str, list[str]]:
    """Python's version, Mage's version, and all packages of Mage's environment.

    A container is not asked for its packages: its image says what they are.
    """
    settings = session.settings
    if settings.provider == "docker":
        return settings.python, settings.mage_version, []
    done = subprocess.run(
        [session.runner.command()[0], "-I", "-c", _ASKED],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=_PATIENCE,
    )
    python, mage, packages = json.loads(done.stdout)
    return python, mage, packages
