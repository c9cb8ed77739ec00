"""What a test holds in its hand to declare trouble."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self, TypedDict, Unpack

from harness.clock.preload import library
from harness.errors import InputError
from harness.faults.fault import CLOCK, Fault, check
from harness.faults.following import following
from harness.faults.inside import Inside
from harness.faults.ledger import Ledger
from harness.faults.places import Places
from harness.faults.under_way import UnderWay
from harness.running.jumps import told
from harness.tap import IN_TURN_VARIABLE

if TYPE_CHECKING:
    from types import TracebackType

    from harness.running.result import PipelineRun
    from harness.running.runner import RunRequest
    from harness.running.session import Session

_ROOM = 1 << 17
"""Bytes that the tap's events and Mage's words of a run may take."""


class How(TypedDict, total=False):
    """What is said of every fault.

    Attributes:
        block: The block whose calls meet it; those of any if not given.
        times: How many calls meet it; 1 if not given.
        after: How many calls that fit pass by before.
        containing: A text that the call must contain.
        seconds: How long a stall takes.
    """

    block: str
    times: int
    after: int
    containing: str
    seconds: float


class Faults:
    """Trouble that a session's runs meet; a context manager, at whose end there is none.

    Of the services' methods: ``what`` is an HTTP status such as 503, ``"reset"`` (the connection
    ends at once), ``"stall"`` (``seconds``) or ``"killed"`` (Mage's process ends by SIGKILL at that
    call).

    Args:
        session: Whose runs they are.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ledger = Ledger(UnderWay())
        self._inside = Inside(self._ledger)
        self._closing = ExitStack()
        self._places = Places(session, meet=self._ledger.meet, closing=self._closing)
        self._before: tuple[Fault, ...] = ()

    def __enter__(self) -> Self:
        stack = self._session.stack
        self._session.faults = self
        stack.troubled = self._ledger.incidents
        self._closing.callback(setattr, stack, "troubled", lambda _since: ())
        self._closing.callback(setattr, self._session, "faults", None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def gcs(self, what: int | str, **how: Unpack[How]) -> None:
        """Have requests to Cloud Storage meet trouble.

        Args:
            what: A status, ``reset``, ``stall`` or ``killed``.
            how: See ``How``; what ``containing`` looks at is method and address (``POST
                /upload/storage/v1/b/...``) and the body's beginning.

        Raises:
            InputError: There is no such trouble, block or service of the harness's own.
        """
        self._declare(Fault(service="gcs", what=str(what), **how))

    def bigquery(self, what: int | str, **how: Unpack[How]) -> None:
        """Have requests to BigQuery's REST API meet trouble; arguments as of ``gcs``."""
        self._declare(Fault(service="bigquery", what=str(what), **how))

    def s3(self, what: int | str, **how: Unpack[How]) -> None:
        """Have requests to S3 meet trouble; arguments as of ``gcs``."""
        self._declare(Fault(service="s3", what=str(what), **how))

    def http(self, url: str, what: int | str, *, size: int = 0, **how: Unpack[How]) -> None:
        """Have requests to the web, recorded or not, meet trouble.

        Args:
            url: A text that the address must contain.
            what: A status, ``reset``, ``stall``, ``killed``, or ``cut``: the answer breaks off.
            size: Bytes of an answer's body that arrive before it is cut.
            how: See ``How``, without ``containing``.

        Raises:
            InputError: There is no such trouble or block.
        """
        how["containing"] = url
        self._declare(Fault(service="http", what=str(what), size=size, **how))

    def postgres(self, what: str, *, size: int = 0, **how: Unpack[How]) -> None:
        """Have connections and statements meet trouble.

        Args:
            what: ``refused`` (a connection, with SQLSTATE 53300), ``cut``, ``stall``, ``killed``,
                or the SQLSTATE that a statement fails with, such as ``40001``.
            size: Bytes of a COPY that arrive before it is cut.
            how: See ``How``; what ``containing`` looks at is the statement. Without it, ``BEGIN``,
                ``COMMIT`` and their like pass by.

        Raises:
            InputError: There is no such trouble, block or server of the harness's own.
        """
        self._declare(Fault(service="postgres", what=what, size=size, **how))

    def killed(self, block: str, *, at: str = "block_start", nth: int = 1) -> None:
        """Have Mage's process end by SIGKILL at an event of a block.

        Args:
            block: The block.
            at: The event: ``block_start``, ``block_output``, ``block_end``, or any of the tap's.
            nth: At which of these events of that block, counted from 1.

        Raises:
            InputError: There is no such block or event.
        """
        self._check_block(block)
        self._check_nth(nth)
        self._inside.kill(block, at=at, nth=nth)

    def disk_full(self, block: str, *, size: int = _ROOM) -> None:
        """Have the kernel refuse what a block, Mage for it, or a program of it writes to files.

        The error is "File too large" (EFBIG), where that of a full disk is ENOSPC.

        Args:
            block: The block, whose failure by that error is the fault's coming.
            size: Bytes that each file can have. What the harness itself notes of the run must have
                room too.

        Raises:
            InputError: There is no such block, or the size is too small.
        """
        self._check_block(block)
        if size < _ROOM:
            raise InputError(
                f"a disk cannot be full at {size} bytes",
                cause="the harness's own notes of the run have no room then",
                remedy=f"give at least {_ROOM}, and let the block write more",
            )
        self._inside.fill(block, size=size)

    def clock(self, by: str, block: str, *, at: str = "block_start", nth: int = 1) -> None:
        """Have the clock of Mage's process, and of its programs, jump at an event of a block.

        The services keep theirs, as other machines do. The next run begins with the right time.

        Args:
            by: By how much: ``+1h``, ``-30m``, ``+2d``, ``-5s``; at most ten years.
            block: The block.
            at: The event: ``block_start``, ``block_output``, ``block_end``, or any of the tap's.
            nth: At which of these events of that block, counted from 1.

        Raises:
            InputError: There is no such jump or block, or Mage runs in a container.
            EnvironmentNotAbleError: This machine cannot give another time.
        """
        self._check_block(block)
        self._check_nth(nth)
        self._places.require_own(CLOCK)
        library()
        self._inside.jump(by, block=block, at=at, nth=nth)

    def before(self, request: RunRequest) -> RunRequest:
        """What a run is asked for, with what its own process must know; the session calls it.

        Args:
            request: The run, about to begin.
        """
        self._ledger.follow(request.folder)
        self._before = self.account()
        in_turn = "1" if any(fault.block for fault in self.account()) else ""
        env = told(
            request.env,
            self._inside.jumps,
            runner=self._session.runner,
            folder=self._session.stack.folder,
        )
        return replace(request, env={**env, IN_TURN_VARIABLE: in_turn, **self._inside.variables()})

    def after(self, run: PipelineRun) -> PipelineRun:
        """A run whose problems say which faults they follow; the session calls it.

        Args:
            run: The run, judged.
        """
        self._inside.account(run.process.events)
        return following(replace(run, declared=self._before))

    def account(self) -> tuple[Fault, ...]:
        """All declared faults in order, each with how often it was met."""
        return self._ledger.account()

    def require_met(self) -> None:
        """Return if all faults came as often as declared; the fixture calls it after the test.

        Raises:
            CheckFailedError: One did not.
        """
        __tracebackhide__ = True
        self._ledger.require_met()

    def _declare(self, fault: Fault) -> None:
        check(fault)
        self._check_block(fault.block)
        self._places.make(fault.service)
        self._ledger.add(fault)

    def _check_nth(self, nth: int) -> None:
        if nth < 1:
            raise InputError(f"there is no event number {nth}", remedy="count events from 1")

    def _check_block(self, block: str) -> None:
        pipelines = self._session.project.pipelines
        known = sorted({one.uuid for pipeline in pipelines for one in pipeline.all_blocks})
        if block and block not in known:
            raise InputError(
                f"no pipeline of the project has a block {block}",
                evidence=[f"blocks: {', '.join(known)}"],
                remedy="correct its name",
            )
