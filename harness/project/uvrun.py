"""Run uv, tell how it goes on, and say in the harness's words what it failed at."""

from __future__ import annotations

import contextlib
import queue
import re
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import uv

from harness.errors import EnvironmentNotAbleError, HarnessError, ProjectError
from harness.machine.group import end_group, ended
from harness.machine.guardian import Guardian
from harness.machine.space import NO_SPACE, full
from harness.project.unmet import unbuilt, unmet, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from harness.project.requirements import Line

# Longer than this, a build hangs. Seconds.
_DEADLINE = 1800.0
# Then less and less often, so that a log stays short.
_FIRST = 3.0
_SLOWER = 1.5
_GRACE = 5.0
_KEPT_LINES = 400
_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TMPDIR|NETRC|SSH_AUTH_SOCK|GIT_SSL_CAINFO"
    r"|SSL_CERT_FILE|SSL_CERT_DIR|SSL_CLIENT_CERT|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE"
    r"|(?i:https?_proxy|all_proxy|no_proxy)"
    r"|XDG_CACHE_HOME|XDG_CONFIG_HOME|XDG_CONFIG_DIRS|XDG_DATA_HOME"
    r"|CC|CXX|CFLAGS|CPPFLAGS|LDFLAGS|PYENV_.*|UV_.*"
)
# These would lead uv to another environment than the one that is being made.
_REFUSED = re.compile(
    r"UV_(PYTHON|SYSTEM_PYTHON|PROJECT|PROJECT_ENVIRONMENT|WORKING_DIR|WORKING_DIRECTORY|TARGET"
    r"|PREFIX|REQUIREMENTS|CONSTRAINT|OVERRIDE)"
)
_SECRET = re.compile(r"://[^/@\s]+@")
# What uv is about, in silence, after it has said such a line.
_STAGES = (
    ("Using Python", "choosing versions that go together"),
    ("Resolved", "fetching"),
    ("Prepared", "installing"),
    ("Installed", "compiling, once, so that each run starts at once"),
)


class NoInterpreterError(EnvironmentNotAbleError):
    """uv found no Python of the version asked for."""


def uv_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What uv is given of the user's environment: where packages are, and how to reach them."""
    kept = {
        name: value
        for name, value in environ.items()
        if _KEPT.fullmatch(name) and not _REFUSED.fullmatch(name)
    }
    return {**kept, "NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}


def run_uv(
    arguments: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    progress: Callable[[str], None],
    doing: str,
    lines: Sequence[Line] = (),
) -> None:
    """Run uv to its end.

    Args:
        arguments: uv's arguments.
        folder: Where it runs; no settings of a project are read from it.
        environ: The user's environment.
        progress: Given a line at the start and then every few seconds, later every few minutes.
        doing: What is being done, for these lines.
        lines: The project's requirements, where they are installed.

    Raises:
        ProjectError: The requirements cannot be met.
        EnvironmentNotAbleError: uv failed for another reason, or took too long.
    """
    with Guardian() as guardian:
        process = subprocess.Popen(
            [uv.find_uv_bin(), *arguments],
            cwd=folder,
            env=uv_environment(environ) | guardian.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        guardian.process(process.pid)
        said: list[str] = []
        try:
            _follow(process, said, progress=progress, doing=doing)
        finally:
            # Its group outlives it where a build hangs.
            end_group(process)
            guardian.forget_process(process.pid)
    if process.returncode != 0:
        raise explain(said, doing=doing, folder=folder, lines=lines)


def _follow(
    process: subprocess.Popen[str],
    said: list[str],
    *,
    progress: Callable[[str], None],
    doing: str,
) -> None:
    """Keep the last lines that uv says, and show them now and then, until it has ended."""
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    began, due = time.monotonic(), 0.0
    last: str | None = ""
    while last is not None:
        elapsed = time.monotonic() - began
        if elapsed > _DEADLINE:
            raise EnvironmentNotAbleError(
                f"{doing} took longer than {_DEADLINE:.0f} s",
                evidence=said[-3:],
                remedy="check the network, then try again",
            )
        with contextlib.suppress(queue.Empty):
            last = lines.get(timeout=1.0)
            if last:
                said.append(last)
                del said[:-_KEPT_LINES]
        if elapsed >= due:
            due = max(_FIRST, elapsed * _SLOWER)
            progress(f"{doing} ({elapsed:.0f} s) {stage(said)}".rstrip())
    ended(process, within=_GRACE)


def stage(said: Sequence[str]) -> str:
    """What uv is about.

    Args:
        said: The lines of its standard error so far.
    """
    last = next((line for line in reversed(said) if not line.startswith(" ")), "")
    about = next((about for start, about in _STAGES if last.startswith(start)), "")
    return about or last


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    if process.stderr is not None:
        with process.stderr as stderr:
            for line in stderr:
                if line.strip():
                    lines.put(_SECRET.sub("://***@", line.rstrip()))
    lines.put(None)


def explain(
    said: Sequence[str], *, doing: str, folder: Path, lines: Sequence[Line] = ()
) -> HarnessError:
    """The error behind what uv said.

    Args:
        said: The lines of its standard error.
        doing: What was being done.
        folder: Where it was done.
        lines: The project's requirements, where they were installed.
    """
    text = "\n".join(said)
    cause = [
        line.strip().removeprefix("cause: ")
        for line in said
        if re.match(r"\s*(cause:|╰─▶|├─▶|And because|Because)", line) or "we can conclude" in line
    ]
    first = next((line for line in said if re.match(r"error:|\s*\u00d7", line)), "")
    symptom = first.removeprefix("error:").strip() or f"uv failed while {doing}"
    tail = list(said[-6:])
    if NO_SPACE in text:
        return full(folder, doing=doing, needed="about 3 GB")
    if re.search(r"network was disabled|error sending request|Failed to fetch|dns error", text):
        return EnvironmentNotAbleError(
            "packages could not be fetched",
            cause="the package index did not answer; this step needs the network once",
            evidence=tail[:4],
            remedy="check the network, a proxy (HTTPS_PROXY) or the index that uv is set up for "
            "(UV_INDEX_URL), or name an interpreter that has Mage: the setting `mage_python`",
        )
    if "No solution found" in text:
        return unmet(text, lines) or ProjectError(
            "the project's requirements and Mage cannot be installed together",
            cause="the package resolver found no set of versions that fits",
            evidence=cause[:4] or tail,
            remedy="change the requirement named above, or set `mage_version` to the version of "
            "Mage that it is made for",
        )
    if re.search(r"arse requirement|Unexpected|requirements? file|Expected package name", text):
        at = unread(text, lines)
        where = f"{at.place}: {at.written.strip()!r}" if at else "the project's requirements file"
        return ProjectError(
            f"{where} cannot be read",
            cause=cause[0] if at and cause else symptom,
            evidence=cause[:3],
            remedy="mend the line named above",
        )
    if "No interpreter found" in text or "inspect Python interpreter" in text:
        return NoInterpreterError(
            symptom,
            evidence=tail[:3],
            remedy="install that Python, or set `python` to one that is there",
        )
    line = unbuilt(text, lines)
    return EnvironmentNotAbleError(
        f"{doing} failed" if line is None else f"{line.place}: {line.text.strip()} cannot be built",
        cause=symptom,
        evidence=cause[:3] or tail,
        remedy="see the lines above; a package that has to be compiled may need a system library",
    )
