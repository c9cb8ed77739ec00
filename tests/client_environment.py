"""Environments of clients that cannot share one with the harness, or are too heavy for it."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
from typing import TYPE_CHECKING

from filelock import FileLock

from harness.project.uvrun import run_uv

if TYPE_CHECKING:
    from pathlib import Path


def made(pins: Path, *, cache: Path) -> Path:
    """The interpreter of the environment that a file pins; made at first use.

    Args:
        pins: The file of requirements.
        cache: Where environments are kept.
    """
    name = pins.stem
    facts = f"{pins.read_text('utf-8')} {sys.version} {platform.machine()}"
    folder = cache / "clients" / f"{name}-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    python, complete = folder / "bin" / "python", folder / "complete"
    with FileLock(f"{folder}.lock"):
        if complete.is_file():
            return python
        shutil.rmtree(folder, ignore_errors=True)
        for arguments in (
            ["venv", str(folder), "--python", sys.executable, "--no-project"],
            ["pip", "install", "--python", str(python), "-r", str(pins)],
        ):
            run_uv(
                arguments,
                folder=folder.parent,
                environ=os.environ,
                progress=print,
                doing=f"making the environment of {name}",
            )
        complete.touch()
    return python
