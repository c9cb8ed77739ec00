"""Commands as steps of a build: run quietly or shown, and what their failure means."""
# ruff: noqa: INP001 - beside a script, in no package

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO

HERE = Path(__file__).resolve().parent
LABEL = "mage-harness.stand-in"


class CannotError(Exception):
    """This machine cannot do it; the message says why and what would help."""


class BrokenError(Exception):
    """A step failed; the message is the end of what it printed."""


def follow(name: str, words: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a long step, showing what it is at; raise with its last lines if it fails."""
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(environment or {})},
    )
    last: list[str] = []
    for line in process.stdout or ():
        last = [*last[-29:], line.rstrip()]
        if line.startswith(("Step ", "I: ")):
            say(f"{name}: {line.strip()[:120]}")
    if process.wait() != 0:
        raise BrokenError(f"{name}: {words[0]} failed\n" + "\n".join(last))


def checked(*words: str) -> None:
    """Run a short step; raise with what it printed if it fails."""
    done = run(*words)
    if done.returncode != 0:
        raise BrokenError(f"{' '.join(words[:3])} failed\n{done.stdout}{done.stderr}")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command and keep its status and what it prints; one that is not there has failed."""
    try:
        return subprocess.run(words, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(words, 127, "", str(error))


def stand_in(name: str) -> str | None:
    """The key of the stand-in that has a name; empty for another's image, None for no image."""
    found = run("docker", "image", "inspect", "--format", "{{json .Config.Labels}}", name)
    if found.returncode != 0:
        return None
    return str((json.loads(found.stdout) or {}).get(LABEL, ""))


def digest(*facts: str, folder: str) -> str:
    """A short digest of facts and of the files in a folder."""
    total = hashlib.sha256(json.dumps(facts).encode())
    for file in sorted((HERE / folder).rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            total.update(f"{file.name}\n".encode() + file.read_bytes())
    return total.hexdigest()[:20]


def say(text: str, *, to: TextIO = sys.stdout) -> None:
    """Print a line at once: whoever waits for a build wants to know what it is at."""
    to.write(f"images: {text}\n")
    to.flush()
