"""Other clients of BigQuery, each in an environment of its own, led to one stub."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from harness.project.uvrun import run_uv
from harness.services.bigquery import BigQueryStub
from harness.services.google import GoogleIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

HERE = Path(__file__).parent
PROJECT = "test-project"


@dataclass(frozen=True, kw_only=True)
class ClientEnvironment:
    """An environment with a client in it, and the variables that lead it to the stub.

    Attributes:
        python: Its interpreter.
        variables: All environment variables of what runs in it.
        stub: The stub.
    """

    python: Path
    variables: Mapping[str, str]
    stub: BigQueryStub

    def run(
        self, arguments: Sequence[str], *, folder: Path, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with these arguments to its end.

        Args:
            arguments: What follows the interpreter.
            folder: Where it runs.
            more: Further variables.
        """
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=folder,
            env={**self.variables, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )


def _made(name: str, cache: Path) -> Path:
    """The interpreter of the environment that ``environments/NAME.txt`` pins; made at first use."""
    pins = HERE / "environments" / f"{name}.txt"
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


@pytest.fixture(scope="session")
def started_stub() -> Iterator[BigQueryStub]:
    stub = BigQueryStub(project=PROJECT)
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def stub(started_stub: BigQueryStub) -> BigQueryStub:
    started_stub.reset()
    return started_stub


@pytest.fixture(scope="session")
def identity(mage_settings) -> Iterator[GoogleIdentity]:
    identity = GoogleIdentity(project=PROJECT, cache=mage_settings.cache)
    identity.start()
    yield identity
    identity.stop()


@pytest.fixture
def environment(mage_settings, stub, identity, tmp_path) -> Callable[[str], ClientEnvironment]:
    """Makes or finds a client's environment by the name of its pins."""

    def environment(name: str) -> ClientEnvironment:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        variables = {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "NO_PROXY": "127.0.0.1,localhost",
            "PATH": os.environ["PATH"],
            **stub.environment(),
            **identity.environment(),
        }
        return ClientEnvironment(
            python=_made(name, mage_settings.cache), variables=variables, stub=stub
        )

    return environment
