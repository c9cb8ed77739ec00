"""Files of text in another encoding than UTF-8, written anew in UTF-8 before they are read."""

from __future__ import annotations

import io
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.loads.load_csv_records import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.bigquery.loads.loads import Source

# "encoding" in JobConfigurationLoad of the reference, with Python's names.
_ENCODINGS = {
    "UTF-8": "utf-8",
    "ISO-8859-1": "latin-1",
    "UTF-16BE": "utf-16-be",
    "UTF-16LE": "utf-16-le",
    "UTF-32BE": "utf-32-be",
    "UTF-32LE": "utf-32-le",
}
_AT_ONCE = 1 << 20


@contextmanager
def in_utf8(files: Source, configuration: Mapping[str, Any]) -> Iterator[Source]:
    """The files in UTF-8: these, or copies as long as it is open.

    Raises:
        ApiError: There is no such encoding.
    """
    encoding = str(configuration.get("encoding") or "UTF-8").upper()
    if encoding not in _ENCODINGS:
        raise ApiError("invalid", f"Invalid value for encoding: {encoding} is not a valid value")
    if encoding == "UTF-8":
        yield files
        return
    folder = Path(tempfile.mkdtemp(prefix="harness-bigquery-"))
    try:
        paths = []
        for place, path in enumerate(files.paths):
            copy = folder / f"{place}"
            with (
                opened(path) as packed,
                io.TextIOWrapper(
                    packed, encoding=_ENCODINGS[encoding], errors="replace", newline=""
                ) as text,
                copy.open("w", encoding="utf-8", newline="") as plain,
            ):
                shutil.copyfileobj(text, plain, _AT_ONCE)
            paths.append(copy)
        yield replace(files, paths=tuple(paths))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
