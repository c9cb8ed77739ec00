"""How much of a source is kept at most, and what is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

_MIB = 1 << 20
_ROWS_IN_MIB = 10_000
_MORE = 10
"""How much more is read of what a sample is made of."""
_REMEDY = "take a sample with --sample, leave it out with --without, or raise --limit"


_SAMPLED_REMEDY = "leave it out with --without, or raise --limit"
_LEAST_BILLED = 100 * _MIB


class NotKeptError(Exception):
    """A table or an object cannot be kept as a seed; the text says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What may be fetched from a source.

    Attributes:
        mib: MiB that one seed file may have; a table may have 10,000 rows for each. Ten times as
            much is read where a sample is made of it.
        sample: Rows that are kept of a table or a tabular object, or None for all.
        without: Names, or patterns of names, that are not fetched: it is as if they were not
            there. ``schema.table``, ``dataset.table`` and ``gs://bucket/object``.
    """

    mib: int = 100
    sample: int | None = None
    without: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes of one file."""
        return self.mib * _MIB

    @property
    def rows(self) -> int:
        """Rows of one table."""
        return self.mib * _ROWS_IN_MIB

    @property
    def billed(self) -> int:
        """Bytes that a query of a view may be billed for."""
        return max(self.bytes * _MORE, _LEAST_BILLED)

    def leaves_out(self, name: str) -> bool:
        """Whether the user wants this one not to be fetched.

        Args:
            name: The name, as ``without`` has it.
        """
        return any(fnmatchcase(name, pattern) for pattern in self.without)

    def check(self, *, rows: int, size: int) -> None:
        """Look whether a table or an object is within the limits.

        Args:
            rows: Its rows, as far as they are known.
            size: Its bytes.

        Raises:
            NotKeptError: It is not.
        """
        if size > self.bytes:
            raise NotKeptError(f"it has more than {self.mib} MiB: {_REMEDY}")
        if rows > self.rows:
            raise NotKeptError(f"it has more than {self.rows:,} rows: {_REMEDY}")

    def check_read(self, *, rows: int, size: int) -> None:
        """Look whether a table or an object may be read, be it for a sample.

        Args:
            rows: Its rows, as far as they are known.
            size: Its bytes.

        Raises:
            NotKeptError: It may not.
        """
        if self.sample is None:
            self.check(rows=rows, size=size)
            return
        if size > self.bytes * _MORE:
            most = f"{self.mib * _MORE} MiB"
        elif rows > self.rows * _MORE:
            most = f"{self.rows * _MORE:,} rows"
        else:
            return
        raise NotKeptError(f"it has more than {most}, too much for a sample: {_SAMPLED_REMEDY}")
