"""Other clients of BigQuery, each in an environment of its own, led to one stub."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.services.bigquery import BigQueryStub
from harness.services.google import GoogleIdentity
from tests.client_environment import made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

PINS = Path(__file__).parent / "environments"
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
            python=made(PINS / f"{name}.txt", cache=mage_settings.cache),
            variables=variables,
            stub=stub,
        )

    return environment
