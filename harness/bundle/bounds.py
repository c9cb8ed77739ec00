"""A bundle is no larger than its limit: what is too much of the data is cut or left out."""

from __future__ import annotations

import shutil
from itertools import islice
from typing import TYPE_CHECKING

from harness.bundle.manifest import LeftOut
from harness.bundle.mysql import ROWS, cut_rows
from harness.bundle.outputs import OUTPUTS
from harness.bundle.postgres import FIRST_ROWS
from harness.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
DEFAULT_MIB = 100
_SHOWN = 5
_CUT = f"the bundle would be larger than its limit: the first {FIRST_ROWS:,} rows are kept"
_GONE = "the bundle would be larger than its limit"


def bound(folder: Path, *, mib: int) -> list[LeftOut]:
    """Make a folder small enough: outputs of blocks go first, since the blocks can make them again.

    Then the data after the run is cut or goes, then that before it, the largest first.

    Args:
        folder: The folder of the bundle.
        mib: MiB that all files together may have.

    Returns:
        What was cut or left out.

    Raises:
        InputError: What cannot be left out is too large.
    """
    left: list[LeftOut] = []
    excess = _size(folder) - mib * MIB
    for size, one in _outputs(folder):
        if excess > 0:
            shutil.rmtree(one)
            excess -= size
            left.append(LeftOut(what=f"{OUTPUTS} of {one.name}", why=_GONE))
    for shrink in (_cut, _remove):
        for file in _data(folder):
            if excess <= 0:
                return left
            before = file.stat().st_size
            why = shrink(file)
            excess -= before - (file.stat().st_size if file.exists() else 0)
            if why:
                left.append(LeftOut(what=file.relative_to(folder).as_posix(), why=why))
    if excess > 0:
        files = sorted(_files(folder), key=lambda file: -file.stat().st_size)[:_SHOWN]
        raise InputError(
            f"no bundle was made: it would be larger than {mib} MiB",
            evidence=[
                f"{file.relative_to(folder).as_posix()}: {file.stat().st_size:,} bytes"
                for file in files
            ],
            remedy="raise --bundle-limit, or keep large files out of the project",
        )
    return left


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.is_file())


def _size(folder: Path) -> int:
    return sum(one.stat().st_size for one in _files(folder))


def _outputs(folder: Path) -> list[tuple[int, Path]]:
    """The folders of blocks' outputs with their sizes, the largest first."""
    place = folder / OUTPUTS
    found = [(_size(one), one) for one in place.iterdir()] if place.is_dir() else []
    return sorted(found, key=lambda one: (-one[0], one[1]))


def _data(folder: Path) -> list[Path]:
    """The files of data, in the order in which they may go."""
    kinds = (".copy", ROWS, ".parquet", ".jsonl")
    found = [
        (place, -file.stat().st_size, file)
        for place, moment in enumerate(("after", "before"))
        for file in _files(folder / "state" / moment)
        if file.suffix in kinds or {"gcs", "s3"} & set(file.relative_to(folder).parts)
    ]
    return [file for _, _, file in sorted(found)]


def _cut(file: Path) -> str:
    """Keep the first rows of a table; an object is not cut, since it would be another one."""
    if file.suffix == ".copy" or (file.suffix == ".jsonl" and file.parent.name == "bigquery"):
        # COPY writes a row a line: an end of line within a value is written as two characters.
        new = file.with_name(f".{file.name}.new")
        with file.open("rb") as source, new.open("wb") as target:
            target.writelines(islice(source, FIRST_ROWS))
            whole = not source.read(1)
        new.replace(file)
        return "" if whole else _CUT
    if file.suffix == ROWS:
        return _CUT if cut_rows(file, most=FIRST_ROWS) else ""
    if file.suffix == ".parquet" and file.parent.name == "bigquery":
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        source_file = pq.ParquetFile(file)
        if source_file.metadata.num_rows <= FIRST_ROWS:
            return ""
        first = next(source_file.iter_batches(batch_size=FIRST_ROWS))
        schema = source_file.schema_arrow
        pq.write_table(pa.Table.from_batches([first], schema), file, compression="zstd")
        return _CUT
    return ""


def _remove(file: Path) -> str:
    if file.suffix in (".copy", ROWS):
        # The list of tables names it.
        file.write_bytes(b"")
    else:
        file.unlink()
    return _GONE
