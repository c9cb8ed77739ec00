"""Loads of files in whose names columns stand: each file is read with the values of its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.hive import Hive, hive_of, keys_of, values_of
from harness.bigquery.loads.load_bad import Staged, whole_number
from harness.bigquery.types import checked, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.bigquery.database import Database
    from harness.bigquery.loads.loads import Source
    from harness.bigquery.types import Field


def with_keys(
    read: Callable[..., Staged],
    database: Database,
    files: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> Staged:
    """Read files into a new DuckDB table, with the columns of their names at the end.

    Args:
        read: Reads files of the format.
        database: Holds the rows.
        files: The files, with their names.
        configuration: The JobConfigurationLoad.
        wanted: The columns of the job's schema, or None.

    Raises:
        ApiError: A file cannot be read, or the names do not agree with each other.
    """
    hive = hive_of(configuration.get("hivePartitioningOptions"))
    if hive is None:
        return read(database, files, configuration, wanted)
    if not files.names:
        raise ApiError("invalid", "hivePartitioningOptions can only be used with sourceUris")
    keys = keys_of(hive, files.names, database)
    names = {key.name.lower() for key in keys}
    if wanted is not None:
        wanted = tuple(one for one in wanted if one.name.lower() not in names)
    pieces: list[Staged] = []
    try:
        left = whole_number(configuration, "maxBadRecords")
        for path, name in zip(files.paths, files.names, strict=True):
            one = replace(files, paths=(path,), names=(name,))
            piece = read(database, one, {**configuration, "maxBadRecords": left}, wanted)
            pieces.append(piece)
            left -= piece.bad
            if piece.fields != pieces[0].fields:
                raise UnsupportedError("files with different columns in a load with hive keys")
        return _joined(database, hive, keys, files, pieces)
    finally:
        for piece in pieces:
            database.drop(piece.table)


def _joined(
    database: Database,
    hive: Hive,
    keys: tuple[Field, ...],
    files: Source,
    pieces: list[Staged],
) -> Staged:
    own = tuple(one for one in pieces[0].fields if one.name.lower() not in _lower(keys))
    fields = checked((*own, *keys))
    staged = database.create(fields)
    listed = [quoted(one.name) for one in own]
    try:
        with database.cursor() as cursor:
            for piece, name in zip(pieces, files.names, strict=True):
                cells = ", ".join([*listed, *values_of(hive, keys, name, database)])
                cursor.execute(f"INSERT INTO {staged} SELECT {cells} FROM {piece.table}")  # noqa: S608
    except BaseException:
        database.drop(staged)
        raise
    return Staged(
        fields=fields,
        table=staged,
        bad=sum(piece.bad for piece in pieces),
        warnings=tuple(one for piece in pieces for one in piece.warnings),
    )


def _lower(fields: tuple[Field, ...]) -> set[str]:
    return {one.name.lower() for one in fields}
