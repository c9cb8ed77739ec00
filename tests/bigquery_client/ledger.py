"""What each system test of the client is known to do, held against what it did."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEDGER = Path(__file__).with_name("ledger.yaml")
PASSES = "passes"
FAILS = "fails: "
LEFT_OUT = "left out: "
_FOLDER = "tests/system/"
_LONGEST = 120
# What differs from run to run or says nothing: the Python class, the address, the job.
_CHANGING = re.compile(
    r"^[\w.]+: (?=\d{3} )|(?<=\d{3} )(?:GET|POST|PUT|PATCH|DELETE) \S+: |; reason: .*"
    r"|<\w+<project=[^>]*>|\b(?:job_)?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b"
)
# Names that the tests make of the time and the process; ports and long numbers.
_MADE = re.compile(r"python_bigquery_tests_system_|(?<=[a-z])_\d{9,}(?:_\d+)?|(?<=[\d.]):\d{4,5}\b")
_NOTE = """\
The system tests of google-cloud-bigquery and what each does on the stub; see README.md.
A test that passes here may not fail, and one that fails here may not pass: run.py tells.
"""


@dataclass
class Ledger:
    """States by node id: ``passes``, ``fails: <reason>`` or ``left out: <reason>``."""

    states: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path = LEDGER) -> Ledger:
        """The ledger in a file; an absent one is empty.

        Raises:
            ValueError: A state is none of the three, or has no reason.
        """
        told = YAML(typ="safe").load(path.read_text("utf-8")) if path.exists() else {}
        states = {
            f"{_FOLDER}{file}::{test}": str(state)
            for file, tests in told.items()
            for test, state in tests.items()
        }
        for test, state in states.items():
            reasoned = any(state.startswith(one) and state != one for one in (FAILS, LEFT_OUT))
            if state != PASSES and not reasoned:
                raise ValueError(f"{test}: {state!r} is no state of the ledger")
        return cls(states)

    def write(self, path: Path = LEDGER) -> None:
        """Write it, one heading a file."""
        files: dict[str, dict[str, str]] = {}
        for test, state in self.states.items():
            file, _, name = test.removeprefix(_FOLDER).partition("::")
            files.setdefault(file, {})[name] = state
        note = "".join(f"# {line}\n" for line in _NOTE.splitlines())
        yaml = YAML()
        yaml.width = 1000
        with path.open("w", encoding="utf-8") as stream:
            stream.write(note)
            yaml.dump(files, stream)

    @property
    def left_out(self) -> list[str]:
        """The tests that are not run."""
        return [test for test, state in self.states.items() if state.startswith(LEFT_OUT)]

    def differences(
        self, collected: Iterable[str], failures: Mapping[str, str], *, run: Iterable[str]
    ) -> list[str]:
        """What is not as the ledger says, a line each.

        Args:
            collected: Every test that the client has.
            failures: What the tests that failed or skipped themselves said.
            run: Every test that was run.
        """
        found = [f"is not in the ledger: {one}" for one in collected if one not in self.states]
        found += [f"is no longer there: {one}" for one in self.states if one not in set(collected)]
        ran = set(run)
        for test in ran:
            state = self.states.get(test, "")
            if state == PASSES and test in failures:
                found.append(f"passes by the ledger and fails: {test}\n    {failures[test]}")
            elif state.startswith(FAILS) and test not in failures:
                found.append(f"fails by the ledger and passes, so it must say so: {test}")
        return found

    def unrun(self, collected: Iterable[str], *, run: Iterable[str]) -> list[str]:
        """The tests that should have run and did not, a line each.

        Args:
            collected: Every test that was to run or to be left out.
            run: Every test that was run.
        """
        missing = set(collected) - set(run) - set(self.left_out)
        return [f"was not run: {test}" for test in sorted(missing)]

    def grown(self, failures: Mapping[str, str], *, run: Iterable[str]) -> Ledger:
        """The ledger after a run: what is new, what passes now, and why the others still fail.

        What passed before is kept as it was: that it fails is for a person to say.
        """
        states = dict(self.states)
        for test in run:
            state = states.get(test, "")
            if state != PASSES and test not in failures:
                states[test] = PASSES
            elif state != PASSES:
                states[test] = FAILS + _short(failures[test])
        return Ledger(states)

    def counts(self) -> dict[str, tuple[int, int, int]]:
        """How many pass, fail and are left out, by file."""
        files: dict[str, list[int]] = {}
        for test, state in self.states.items():
            numbers = files.setdefault(test.removeprefix(_FOLDER).partition("::")[0], [0, 0, 0])
            place = 0 if state == PASSES else 1 if state.startswith(FAILS) else 2
            numbers[place] += 1
        return {file: (one[0], one[1], one[2]) for file, one in files.items()}


def _short(told: str) -> str:
    first = (told.strip().splitlines() or [""])[0]
    return _MADE.sub("", _CHANGING.sub("", first))[:_LONGEST].strip() or "it says nothing"
