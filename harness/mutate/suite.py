"""The user's own tests, run by pytest on a mutant."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import CheckFailedError, InputError
from harness.machine.group import end_group, ended
from harness.mutate.handed import hand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.machine.guardian import Guardian

_PASSED, _FAILED = 0, 1
_POLL = 0.2
_LINES = 15
_TELLING = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
# Of a pytest that this one may run under.
_NOT_PASSED_ON = ("PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a run of the tests said.

    Attributes:
        failed: The first test that failed, or an empty string.
        late: Whether they had not ended at the deadline.
    """

    failed: str = ""
    late: bool = False


class Suite:
    """Tests of the user, which run pipelines by the plugin's fixtures.

    Args:
        paths: What pytest is given to collect.
        project: The project's folder.
        folder: A private folder for what passes between the processes.
        guardian: Ends pytest should this process be killed.
    """

    def __init__(
        self, paths: Sequence[str], *, project: Path, folder: Path, guardian: Guardian
    ) -> None:
        self._paths = tuple(paths)
        self._project = project
        self._folder = folder
        self._guardian = guardian
        self._numbers = itertools.count()

    def require_passing(self) -> float:
        """Run the tests on the unchanged project.

        Returns:
            How many seconds they took.

        Raises:
            CheckFailedError: One fails there already.
            InputError: pytest cannot run them.
        """
        began = time.monotonic()
        told = self.run({}, deadline=float("inf"))
        if told.failed:
            raise CheckFailedError(
                "the tests fail on the unchanged project",
                evidence=[told.failed],
                remedy="mend them first: a mutant is known by a test that fails only then",
            )
        return time.monotonic() - began

    def run(self, changed: Mapping[Path, str], *, deadline: float) -> Told:
        """Run the tests until the first that fails.

        Args:
            changed: Files of the project that have another text.
            deadline: Seconds after which they are ended.

        Raises:
            InputError: pytest cannot run them.
        """
        number = next(self._numbers)
        mutant = self._folder / f"mutant-{number}.json"
        hand(mutant, changed)
        log = self._folder / f"tests-{number}.txt"
        status = self._status(mutant, log=log, deadline=deadline)
        text = log.read_text("utf-8", "replace")
        if status is None:
            return Told(late=True)
        if status not in {_PASSED, _FAILED}:
            raise InputError(
                f"pytest could not run the tests: it ended with {status}",
                evidence=text.splitlines()[-_LINES:],
                remedy="see that they run by themselves: pytest " + " ".join(self._paths),
            )
        found = _TELLING.search(text)
        return Told(failed=(found[1] if found else "a test") if status == _FAILED else "")

    def _status(self, mutant: Path, *, log: Path, deadline: float) -> int | None:
        """The exit status of pytest; None where it was ended at the deadline."""
        command = [
            *(sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "--tb=no", "--no-header"),
            *("-o", f"cache_dir={self._folder / 'pytest'}", "--mage-project", str(self._project)),
            *("--mage-mutant", str(mutant), *self._paths),
        ]
        env = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=subprocess.STDOUT,
                env=env | self._guardian.environment(),
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        self._guardian.process(process.pid)
        until = time.monotonic() + deadline
        try:
            while not ended(process, within=_POLL):
                if time.monotonic() > until:
                    return None
        finally:
            end_group(process)
            self._guardian.forget_process(process.pid)
        return process.returncode
