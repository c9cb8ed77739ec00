"""CSV looked at record by record: only where a file has rows that do not fit.

DuckDB reads a sound file by columns and refuses any other as a whole. BigQuery names each row, so
a file that was refused is read again here: what is sound is handed on, what is not is told with
the byte at which it starts.
"""

from __future__ import annotations

import gzip
import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.loads.load_bad import READING, BadRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from harness.bigquery.loads.load_csv_options import Options

_AT_ONCE = 10_000


@dataclass(kw_only=True)
class Records:
    """What a file holds.

    Attributes:
        bad: The records whose columns cannot be told apart, or are too many or too few.
        rows: For each sound record its place in the file, from 0.
        starts: For each sound record the byte at which it starts.
    """

    bad: list[BadRow] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)


def sound(
    path: Path,
    options: Options,
    *,
    file: int,
    count: int,
    skip: int,
    take: Callable[[list[list[str | None]]], None] | None = None,
) -> Records:
    """Look at each record of a file.

    Args:
        path: The file.
        options: How the file is written.
        file: The file's place among the job's.
        count: How many columns a record has.
        skip: Lines to leave out at the start.
        take: Is given the sound records, some thousand at a time.
    """
    records = Records()
    fields = _Fields(options)
    rows: list[list[str | None]] = []
    with opened(path) as source:
        row = 0
        for start, raw in _records(source, fields, options, skip=skip):
            # BigQuery loads what is not UTF-8 too, with other characters in its place.
            text = raw.rstrip(b"\r\n").decode("utf-8", "replace")
            if not text and count > 1:
                continue
            values, wrong = _checked(text, fields, options, count=count, start=start)
            if wrong:
                records.bad.append(BadRow(file=file, row=row, message=wrong))
            else:
                records.rows.append(row)
                records.starts.append(start)
                rows.append(values)
            row += 1
            if take is not None and len(rows) >= _AT_ONCE:
                take(rows)
                rows = []
    if take is not None and rows:
        take(rows)
    return records


def opened(path: Path) -> IO[bytes]:
    """A file, unpacked where it is packed."""
    opener: Any = gzip.open if is_gzip(path) else open
    file: IO[bytes] = opener(path, "rb")
    return file


@contextmanager
def unpacking() -> Iterator[None]:
    """While it is open, a packed file that is damaged is refused."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ApiError("invalid", f"{READING} Failed to unpack the gzip file: {error}") from error


def is_gzip(path: Path) -> bool:
    """Whether a file is packed; its name does not tell."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def lines_of(path: Path) -> int:
    """How many lines a file has; a last one need not end."""
    count, last = 0, b"\n"
    with opened(path) as file:
        while chunk := file.read(1 << 22):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


class _Fields:
    """Takes a record apart."""

    def __init__(self, options: Options) -> None:
        quote = re.escape(options.quote)
        self._quoted = None
        if options.quote:
            self._quoted = re.compile(
                rf"{quote}(?:[^{quote}]|{quote}{quote})*({quote})?", re.DOTALL
            )
        self._options = options

    def is_open(self, text: str) -> bool:
        """Whether the text ends within quotes."""
        return self.values(text)[1].startswith("Missing")

    def values(self, text: str) -> tuple[list[str | None], str]:
        """Each field, and what is wrong or nothing; an empty one without quotes is None."""
        values: list[str | None] = []
        place = 0
        quote = self._options.quote
        while True:
            if self._quoted is not None and text.startswith(quote, place):
                found = self._quoted.match(text, place)
                if found is None or found[1] is None:
                    return values, f"Missing close quote character ({quote})."
                end = found.end()
                if end < len(text) and not text.startswith(self._options.delimiter, end):
                    told = f"Data between close quote character ({quote}) and field separator."
                    return values, told
                values.append(text[place + 1 : end - 1].replace(quote * 2, quote))
            else:
                end = text.find(self._options.delimiter, place)
                end = len(text) if end < 0 else end
                values.append(text[place:end] or None)
            if end >= len(text):
                return values, ""
            place = end + len(self._options.delimiter)


def _checked(
    text: str, fields: _Fields, options: Options, *, count: int, start: int
) -> tuple[list[str | None], str]:
    """The fields of a record, and what is wrong with it."""
    values, wrong = fields.values(text)
    if not wrong and "\0" in text and not options.control:
        wrong = "Bad character (ASCII 0) encountered."
    if wrong:
        return [], f"Error detected while parsing row starting at position: {start}. Error: {wrong}"
    if len(values) > count and not options.extra:
        found = f"Found {len(values)} column(s) while expected {count}."
        return [], f"Too many values in row starting at position: {start}. {found}"
    if len(values) < count and not options.jagged:
        found = f"line starting at position:{start} contains only {len(values)} columns."
        return [], f"CSV table references column position {len(values)}, but {found}"
    return (values + [None] * count)[:count], ""


def _records(
    source: IO[bytes], fields: _Fields, options: Options, *, skip: int
) -> Iterator[tuple[int, bytes]]:
    """Each record with the byte at which it starts."""
    quote = options.quote.encode("utf-8")
    position, start = 0, 0
    pieces: list[bytes] = []
    for number, line in enumerate(_lines(source)):
        begins = position
        position += len(line)
        if number < skip:
            continue
        if not pieces:
            start = begins
        pieces.append(line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line)
        if quote and options.quoted_newlines and len(pieces) > 1 and quote not in line:
            continue
        record = b"".join(pieces)
        if options.quoted_newlines and fields.is_open(record.decode("utf-8", "replace")):
            continue
        yield start, record
        pieces = []
    if pieces:
        yield start, b"".join(pieces)


def _lines(source: IO[bytes]) -> Iterator[bytes]:
    """Lines, which a carriage return alone ends too."""
    for line in source:
        if b"\r" in line:
            yield from line.splitlines(keepends=True)
        else:
            yield line
