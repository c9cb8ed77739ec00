"""Lines of JSON: a row ends with a line feed; a carriage return is white space wherever it stands.

DuckDB takes each of the two for the end of a line, and no file in which both are.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.bigquery.loads.load_csv_records import is_gzip, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bigquery.loads.loads import Source

_AT_ONCE = 1 << 20


@contextmanager
def without_returns(files: Source) -> Iterator[Source]:
    """The files, or copies with blanks in the place of carriage returns as long as it is open."""
    if not any(map(_holds_returns, files.paths)):
        yield files
        return
    folder = Path(tempfile.mkdtemp(prefix="harness-bigquery-"))
    try:
        paths = [folder / str(place) for place in range(len(files.paths))]
        for path, copy in zip(files.paths, paths, strict=True):
            with opened(path) as source, copy.open("wb") as plain:
                while piece := source.read(_AT_ONCE):
                    plain.write(piece.replace(b"\r", b" "))
        yield replace(files, paths=tuple(paths))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _holds_returns(path: Path) -> bool:
    """Whether there is one; of a packed file, which takes long, only the start is looked at."""
    packed = is_gzip(path)
    with opened(path) as source:
        while piece := source.read(_AT_ONCE):
            if b"\r" in piece:
                return True
            if packed:
                break
    return False
