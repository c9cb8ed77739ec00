"""The bundles of a command or of a test session: of which runs, and where they go."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.bundle.bounds import DEFAULT_MIB, MIB
from harness.bundle.making import BEFORE, STATE, make_bundle
from harness.bundle.state import keep_state
from harness.errors import EnvironmentNotAbleError, HarnessError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from harness.bundle.manifest import LeftOut
    from harness.running.result import PipelineRun
    from harness.running.session import Session

ENDING = ".mage.zip"
_STAGED = "bundle"


@dataclass(kw_only=True)
class Bundles:
    """Makes the bundles of runs.

    Attributes:
        folder: The folder for them.
        every: Whether successful runs get one too.
        mib: MiB that a bundle may have unpacked.
        test: The test that the runs are of; empty for none.
        made: The bundles, in order.
        refused: Why a bundle could not be made.
    """

    folder: Path
    every: bool = False
    mib: int = DEFAULT_MIB
    test: str = ""
    made: list[Path] = field(default_factory=list)
    refused: list[HarnessError] = field(default_factory=list)
    _left: dict[int, list[LeftOut]] = field(default_factory=dict)
    _named: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self, session: Session) -> None:
        """Look at what the services of a session hold before each run from now on.

        Args:
            session: The session.

        Raises:
            InputError: It writes to a real Google Cloud project, which no bundle can hold.
        """
        if session.settings.real_google is not None:
            raise InputError(
                "--bundle and --real-google exclude each other",
                cause="what a real project holds is not the harness's to copy",
                remedy="leave out one or the other",
            )
        session.before_run = lambda: self._look(session)

    def ended(self, session: Session, run: PipelineRun) -> Path | None:
        """Make the bundle of a run that has just ended, where one is wanted.

        Args:
            session: Where it ran.
            run: The run.

        Returns:
            The bundle; None where none is wanted, or where it could not be made: what the run did
            wrong is not to be hidden by that.
        """
        staged = session.stack.folder / _STAGED
        try:
            if run.ok and not self.every:
                return None
            session.progress(f"making the bundle of {run.pipeline}")
            with self._lock:
                target = self._target(run.pipeline)
            make_bundle(
                session,
                run,
                folder=staged,
                target=target,
                left_out=self._left.pop(id(session), []),
                mib=self.mib,
            )
        except HarnessError as error:
            self._refuse(session, error)
            return None
        except Exception as error:  # noqa: BLE001 - a client's, too, must not hide the verdict
            self._refuse(session, _failed(run.pipeline, error))
            return None
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        with self._lock:
            self.made.append(target)
        return target

    def _refuse(self, session: Session, error: HarnessError) -> None:
        self.refused.append(error)
        session.progress(f"note: {error.symptom}")

    def _look(self, session: Session) -> None:
        staged = session.stack.folder / _STAGED
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(mode=0o700)
        state = staged / STATE / BEFORE
        self._left[id(session)] = keep_state(session.stack, state, limit=self.mib * MIB)

    def _target(self, pipeline: str) -> Path:
        """A name that no other bundle of this command has."""
        name = f"{pipeline}.{self.test}" if self.test else pipeline
        number = self._named[name] = self._named.get(name, 0) + 1
        return self.folder / f"{name}{f'.{number}' if number > 1 else ''}{ENDING}"


def _failed(pipeline: str, error: Exception) -> HarnessError:
    return EnvironmentNotAbleError(
        f"the bundle of {pipeline} was not made",
        cause=f"{type(error).__name__}: {error}",
        remedy="see to what is named above, and run again",
    )
