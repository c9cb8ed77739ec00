"""A bundle brought to life: its project, its services as they were, and its run once more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.bundle import facts
from harness.bundle.cassettes import FILES, FIXTURES
from harness.bundle.making import BEFORE, PROJECT, STATE
from harness.bundle.names import refused
from harness.bundle.state import bring_back_state
from harness.errors import InputError, SettingsError
from harness.faults.written import read
from harness.running.asked import Asked
from harness.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.bundle.manifest import Manifest
    from harness.faults.written import Written
    from harness.problem import Problem
    from harness.running.session import Session
    from harness.settings import Settings

Place = tuple[str, str, str, int | None]
"""What makes two problems the same: code, block, file and line; not the words."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A bundle that was unpacked.

    Attributes:
        folder: Where.
        manifest: What it says of itself.
        settings: How its run is repeated.
        asked: What was asked of the run.
        problems: Those of the verdict then.
        versions: What took part then.
        faults: The trouble that the run met.
    """

    folder: Path
    manifest: Manifest
    settings: Settings
    asked: Asked
    problems: frozenset[Place]
    versions: Mapping[str, Any]
    faults: tuple[Written, ...]

    @property
    def pipeline(self) -> str:
        """The pipeline's uuid."""
        return self.manifest.pipeline


def opened(folder: Path, manifest: Manifest, *, options: Mapping[str, Any]) -> Opened:
    """Read what a bundle says of its run.

    Args:
        folder: Where it was unpacked.
        manifest: What it says of itself.
        options: Settings of the one who opens it, which beat its own; those that are None do not.

    Raises:
        InputError: It does not say what a bundle says.
    """
    try:
        told = _read(folder / facts.SETTINGS)
        run = _read(folder / facts.RUN)
        problems = run["report"]["problems"]
        return Opened(
            folder=folder,
            manifest=manifest,
            settings=_settings(folder, told, options=options),
            asked=Asked(
                variables=dict(run["variables"]),
                block=None if run["block"] is None else str(run["block"]),
                arguments=tuple(map(str, run["arguments"])),
            ),
            problems=frozenset(
                (one["code"], one["block"], one["file"], one["line"]) for one in problems
            ),
            versions=_read(folder / facts.VERSIONS),
            faults=tuple(read(str(one)) for one in run.get("faults", ())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "the bundle does not say how its run is repeated",
            cause=f"{type(error).__name__}: {error}",
            remedy="have it made anew, with the version of mage-harness that opens it",
        ) from error


def bring_back(session: Session, bundle: Opened, *, moment: str = BEFORE) -> None:
    """Start the services, and have them hold what they held.

    Args:
        session: A session of the bundle's settings, that has not run anything.
        bundle: The bundle.
        moment: ``before`` the run or ``after`` it.

    Raises:
        InputError: A service does not take what the bundle has.
        EnvironmentNotAbleError: A service cannot be started.
    """
    session.check(bundle.pipeline)
    # No seeds are there to be planted: the state has them. The world's time begins.
    session.plant()
    session.progress(f"bringing back what the services held {moment} the run")
    bring_back_state(session.stack, bundle.folder / STATE / moment)


def places(problems: Iterable[Problem]) -> frozenset[Place]:
    """What makes the problems of a run the same as those of another.

    Args:
        problems: The problems.
    """
    return frozenset((one.code, one.block, one.file, one.line) for one in problems)


def _settings(folder: Path, told: Mapping[str, Any], *, options: Mapping[str, Any]) -> Settings:
    """The settings that a bundle may say, and places of this machine for the others."""
    project = _beside(folder, told["project"])
    if project is None or not project.is_dir():
        raise ValueError("its project is not there")
    carried = {name: told[name] for name in (*facts.CARRIED, "at", "entry")}
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return load_settings(
            # Not from the bundle's folder: a pyproject.toml in it could name any program.
            start=Path(folder.anchor),
            options={
                **carried,
                "project": project,
                "fixtures": folder / FIXTURES,
                "requirements": _beside(folder, told["requirements"]),
                "dockerfile": _beside(folder, told["dockerfile"]),
                "files": {url: _mapped(folder, name) for url, name in told["files"].items()},
                **given,
            },
        )
    except SettingsError as error:
        raise ValueError(error.symptom) from error


def _beside(folder: Path, name: str | None) -> Path | None:
    """A file or folder of the project, or beside it."""
    if name is None:
        return None
    if refused(name):
        raise ValueError(f"{name!r} is no file of it")
    return folder / PROJECT / name


def _mapped(folder: Path, name: str) -> str:
    if "/" in name or name.startswith("."):
        raise ValueError(f"{name} is no file of it")
    return str(folder / FILES / name)


def _read(file: Path) -> dict[str, Any]:
    found = json.loads(file.read_text("utf-8"))
    if not isinstance(found, dict):
        raise TypeError(f"{file.name} is no object")
    return found
