"""What is known of each block when its pipeline's run has ended."""

from __future__ import annotations

from dataclasses import dataclass

COMPLETED, FAILED, RUNNING, NOT_RUN = "completed", "failed", "running", "not run"
SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class TestRun:
    """One ``@test`` function of a block that really ran.

    Attributes:
        name: The function's name.
        passed: Whether it ended without an exception.
        line: The line of the failed assertion, or of the function where it passed.
        message: What the failed assertion said.
    """

    name: str
    passed: bool
    line: int | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An attempt of a block that failed, and after which Mage tried again.

    Attributes:
        began: Seconds since the epoch.
        ended: When the next attempt began, in the same seconds.
        error: Class and message of the exception, or the test that failed.
    """

    began: float
    ended: float
    error: str


@dataclass(frozen=True, kw_only=True)
class BlockRun:
    """One block of the pipeline, whether or not it ran.

    Attributes:
        uuid: The block's uuid.
        status: ``completed``, ``failed``, ``running`` (when the run was ended), ``skipped`` (on
            purpose, see below) or ``not run``.
        rows_in: Rows of all inputs together, or None where no input has rows.
        rows_out: Rows of all outputs together, or None where no output has rows.
        seconds: How long it took, without its tests; None where it did not end.
        began: Seconds since the epoch, or None where it did not start.
        ended: Seconds since the epoch, or None where it did not end.
        returned: The kind of value that its function returned: ``none``, ``generator``, the name
            of a class, or an empty string where no function ended.
        line: The line of its function in the block's file.
        error: Class and message of the exception that ended it, or an empty string.
        error_line: The line in the block's file that raised it.
        tests: The tests that ran.
        polls: For a sensor, how often its function was asked.
        inputs: The kinds of its inputs, in the order of its upstream blocks; ``lost`` where Mage
            kept only a description of the value.
        named: How many inputs its function asks for by name, rather than by ``*args``.
        unseen: Runtime variables that its function did not get as they were given.
        failures: Attempts that failed before the last one, for which the block has retries.
        children: For a block below a dynamic one, how many children of it ran.
        skipped: Why it, or some of its children, did not run and need not have; or empty.
        type: Mage's block type, such as ``data_exporter``.
        upstream: The blocks above it, in the order of its function's arguments.
        given: Rows of each input, in that order; None for one that has no rows.
        left: Rows of each output; None for one that has no rows.
    """

    uuid: str
    status: str = NOT_RUN
    rows_in: int | None = None
    rows_out: int | None = None
    seconds: float | None = None
    began: float | None = None
    ended: float | None = None
    returned: str = ""
    line: int | None = None
    error: str = ""
    error_line: int | None = None
    tests: tuple[TestRun, ...] = ()
    polls: int = 0
    inputs: tuple[str, ...] = ()
    named: int = 0
    unseen: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    children: int = 0
    skipped: str = ""
    type: str = ""
    upstream: tuple[str, ...] = ()
    given: tuple[int | None, ...] = ()
    left: tuple[int | None, ...] = ()

    @property
    def dropped(self) -> int | None:
        """Rows that it took in and did not return; None where that cannot be counted."""
        return None if self._change is None else max(-self._change, 0)

    @property
    def added(self) -> int | None:
        """Rows that it returned beyond those that it took in; None where none can be counted."""
        return None if self._change is None else max(self._change, 0)

    @property
    def _change(self) -> int | None:
        """Rows out less rows in.

        Of several tables, a union has the rows of all and a look-up those of one; where a block
        has neither, it cannot be said which row of which became what.
        """
        if self.rows_in is None or self.rows_out is None:
            return None
        tables = [rows for rows in self.given if rows is not None]
        if len(tables) > 1:
            return 0 if self.rows_out in (self.rows_in, *tables) else None
        return self.rows_out - self.rows_in

    @property
    def attempts(self) -> int:
        """How often it was begun, its children each counted once; 0 where it never was."""
        return len(self.failures) + 1 if self.began is not None else 0
