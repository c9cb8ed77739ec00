"""CSV looked at record by record: only where a file has rows that do not fit.

DuckDB reads a sound file by columns and refuses any other as a whole. BigQuery names each row, so
a file that was refused is read again here: what is sound is written to a copy for DuckDB, what is
not is told with the byte at which it starts.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from harness.bigquery.load_bad import BadRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.bigquery.load_csv_options import Options


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
    path: Path, copy: Path, options: Options, *, file: int, count: int, skip: int | None = None
) -> Records:
    """Copy the sound records of a file, as UTF-8.

    Args:
        path: The file.
        copy: Where they go.
        options: How the file is written.
        file: The file's place among the job's.
        count: How many columns a record has.
        skip: Lines to leave out at the start; as the options say if not given.
    """
    records = Records()
    fields = _Fields(options)
    with opened(path) as source, copy.open("wb") as target:
        found = _records(source, fields, options, skip=options.skip if skip is None else skip)
        row = 0
        for start, raw in found:
            # BigQuery loads what is not UTF-8 too, with other characters in its place.
            text = raw.rstrip(b"\r\n").decode(options.encoding, "replace")
            if not text and count > 1:
                continue
            wrong, kept = _checked(text, fields, options, count=count, start=start)
            if wrong:
                records.bad.append(BadRow(file=file, row=row, message=wrong))
            else:
                records.rows.append(row)
                records.starts.append(start)
                target.write(kept.encode() + b"\n")
            row += 1
    return records


def opened(path: Path) -> IO[bytes]:
    """A file, unpacked where it is packed."""
    opener: Any = gzip.open if is_gzip(path) else open
    file: IO[bytes] = opener(path, "rb")
    return file


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
    """Finds where each field of a record ends."""

    def __init__(self, options: Options) -> None:
        quote, delimiter = re.escape(options.quote), re.escape(options.delimiter)
        self._plain = re.compile(rf"(?:(?!{delimiter}).)*", re.DOTALL)
        self._quoted = None
        if options.quote:
            self._quoted = re.compile(
                rf"{quote}(?:[^{quote}]|{quote}{quote})*({quote})?", re.DOTALL
            )
        self._options = options

    def is_open(self, text: str) -> bool:
        """Whether the text ends within quotes."""
        return self.ends(text)[1].startswith("Missing")

    def ends(self, text: str) -> tuple[list[int], str]:
        """The end of each field, and what is wrong or nothing."""
        ends: list[int] = []
        place = 0
        quote = self._options.quote
        while True:
            if self._quoted is not None and text.startswith(quote, place):
                found = self._quoted.match(text, place)
                if found is None or found[1] is None:
                    return ends, f"Missing close quote character ({quote})."
                end = found.end()
                if end < len(text) and not text.startswith(self._options.delimiter, end):
                    return (
                        ends,
                        f"Data between close quote character ({quote}) and field separator.",
                    )
            else:
                plain = self._plain.match(text, place)
                end = plain.end() if plain else len(text)
            ends.append(end)
            if end >= len(text):
                return ends, ""
            place = end + len(self._options.delimiter)


def _checked(
    text: str, fields: _Fields, options: Options, *, count: int, start: int
) -> tuple[str, str]:
    """What is wrong with a record, and the part of it that is kept."""
    ends, wrong = fields.ends(text)
    if not wrong and "\0" in text:
        wrong = "Bad character (ASCII 0) encountered."
    if wrong:
        return f"Error detected while parsing row starting at position: {start}. Error: {wrong}", ""
    if len(ends) > count and options.extra:
        return "", text[: ends[count - 1]]
    if len(ends) > count:
        found = f"Found {len(ends)} column(s) while expected {count}."
        return f"Too many values in row starting at position: {start}. {found}", ""
    if len(ends) < count and not options.jagged:
        found = f"line starting at position:{start} contains only {len(ends)} columns."
        return f"CSV table references column position {len(ends)}, but {found}", ""
    return "", text


def _records(
    source: IO[bytes], fields: _Fields, options: Options, *, skip: int
) -> Iterator[tuple[int, bytes]]:
    """Each record with the byte at which it starts."""
    quote = options.quote.encode(options.encoding)
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
        if options.quoted_newlines and fields.is_open(record.decode(options.encoding, "replace")):
            continue
        yield start, record
        pieces = []
    if pieces:
        yield start, b"".join(pieces)


def _lines(source: IO[bytes]) -> Iterator[bytes]:
    """Lines; a carriage return alone ends one too where the file has no line feed."""
    first = source.readline(1 << 20)
    source.seek(0)
    if b"\r" in first and b"\n" not in first:
        yield from (one + b"\r" for one in source.read().split(b"\r"))
    else:
        yield from source
