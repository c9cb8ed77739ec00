"""The last run of each pipeline that did all that it should: its inputs, and what it found."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.machine.space import explained
from harness.selection.inputs import Inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY = "key"
_FORM = 1


@dataclass(frozen=True, kw_only=True)
class Green:
    """A run that passed.

    Attributes:
        pipeline: The pipeline's uuid.
        inputs: What it depended on.
        at: When it ended, in ISO 8601 and UTC.
        facts: What it found, as ``--json`` has it.
    """

    pipeline: str
    inputs: Inputs
    at: str
    facts: Mapping[str, Any]


class GreenRuns:
    """Keeps the last green run of each pipeline of a project, in files of the user's own.

    Args:
        cache: The harness's cache.
        project: The project's folder.
    """

    def __init__(self, cache: Path, *, project: Path) -> None:
        name = hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:20]
        self._cache = cache / "green"
        self._folder = self._cache / name

    def key(self) -> bytes:
        """The secret with which digests of settings are made; made once for the cache.

        Raises:
            EnvironmentNotAbleError: There is no room, or the cache cannot be written.
        """
        file = self._cache / _KEY
        with contextlib.suppress(OSError):
            known = file.read_bytes()
            if known:
                return known
        self._write(file, secrets.token_bytes(32))
        return file.read_bytes()

    def last(self, pipeline: str) -> Green | None:
        """The last green run; None where none is known, or the last was not green.

        Args:
            pipeline: The pipeline's uuid.
        """
        try:
            known = json.loads(self._file(pipeline).read_bytes())
            if known["form"] != _FORM:
                return None
            return Green(
                pipeline=known["pipeline"],
                inputs=Inputs(parts=dict(known["inputs"])),
                at=str(known["at"]),
                facts=dict(known["facts"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, green: Green) -> None:
        """Keep a run in place of the last.

        Args:
            green: The run.

        Raises:
            EnvironmentNotAbleError: There is no room, or the cache cannot be written.
        """
        content = {
            "form": _FORM,
            "pipeline": green.pipeline,
            "at": green.at,
            "inputs": dict(green.inputs.parts),
            "facts": dict(green.facts),
        }
        self._write(self._file(green.pipeline), json.dumps(content).encode())

    def forget(self, pipeline: str) -> None:
        """A pipeline has run and was not green.

        Args:
            pipeline: The pipeline's uuid.
        """
        with contextlib.suppress(OSError):
            self._file(pipeline).unlink(missing_ok=True)

    def _file(self, pipeline: str) -> Path:
        return self._folder / f"{hashlib.sha256(pipeline.encode()).hexdigest()[:20]}.json"

    def _write(self, file: Path, content: bytes) -> None:
        """Write a file that is there as a whole or not at all, for its owner alone."""
        with explained(file.parent, doing="keeping what a run depended on"):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=file.parent)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(content)
                Path(name).replace(file)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
