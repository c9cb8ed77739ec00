"""The files of an external table: found and read anew each time, as nothing is kept of them."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.external import FILE_NAME, External, load_options
from harness.bigquery.loads.gcs import fetched, matched
from harness.bigquery.loads.hive import values_of
from harness.bigquery.loads.load_bad import READING, whole_number
from harness.bigquery.loads.load_formats import reader_of
from harness.bigquery.loads.loads import Source
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.types import Field


def listed(catalog: Catalog, uris: Sequence[str], *, name: str) -> tuple[str, ...]:
    """The objects that URIs name now.

    Raises:
        ApiError: A URI matches none.
    """
    endpoint = _endpoint(catalog)
    found: list[str] = []
    for uri in uris:
        try:
            found += matched(endpoint, [uri])
        except ApiError as error:
            if error.reason != "notFound":
                raise
            raise ApiError(
                "invalid",
                f"Error while reading table: {name}, error message: Failed to expand table {name} "
                f"with file pattern {uri}: matched no files. File: {uri}",
            ) from error
    return tuple(found)


def detected(catalog: Catalog, resource: Mapping[str, Any], uri: str) -> tuple[Field, ...]:
    """The columns that a file tells.

    Raises:
        ApiError: It cannot be read.
    """
    options = {**load_options(resource), "autodetect": True}
    with _fetched(catalog, uri) as path:
        source = Source(paths=(path,), names=(uri,))
        staged = reader_of(str(options["sourceFormat"]))(catalog.database, source, options, None)
    catalog.database.drop(staged.table)
    return tuple(staged.fields)


def rows_sql(catalog: Catalog, external: External, *, name: str) -> tuple[str, int]:
    """What stands in FROM for an external table, whose files are read for it, and their bytes.

    The rows are kept while the catalog is read.

    Args:
        catalog: Holds the rows; it is being read.
        external: The table.
        name: Its name, for messages.

    Raises:
        ApiError: A file is gone, or does not fit.
    """
    parts, size = [], 0
    try:
        for uri, table, read in _staged(catalog, external, name=name):
            size += read
            cells = [quoted(one.name) for one in external.fields]
            if external.hive is not None:
                values = values_of(external.hive, external.keys, uri, catalog.database)
                keys = zip(values, external.keys, strict=True)
                cells += [f"{value} AS {quoted(key.name)}" for value, key in keys]
            cells.append(f"{literal(uri)} AS {quoted(FILE_NAME)}")
            parts.append(f"SELECT {', '.join(cells)} FROM {table}")  # noqa: S608
    except ApiError as error:
        raise _of_table(error, name) from error
    return f"({' UNION ALL '.join(parts)})", size


def _staged(catalog: Catalog, external: External, *, name: str) -> Iterator[tuple[str, str, int]]:
    options = load_options(external.resource)
    read = reader_of(external.kind)
    left = whole_number(options, "maxBadRecords")
    for uri in listed(catalog, external.uris, name=name):
        with _fetched(catalog, uri) as path:
            source = Source(paths=(path,), names=(uri,))
            size = source.size
            limited = {**options, "maxBadRecords": left}
            staged = read(catalog.database, source, limited, external.fields)
        left -= staged.bad
        # It stays as long as somebody reads.
        catalog.discard(staged.table)
        yield uri, staged.table, size


@contextmanager
def _fetched(catalog: Catalog, uri: str) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="harness-bigquery-"))
    try:
        yield fetched(_endpoint(catalog), uri, folder / "object")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _endpoint(catalog: Catalog) -> str:
    if catalog.gcs_endpoint is None:
        raise UnsupportedError("external tables, as the stub was started without a GCS endpoint")
    return catalog.gcs_endpoint


def _of_table(error: ApiError, name: str) -> ApiError:
    if isinstance(error, UnsupportedError) or error.message.startswith("Error while reading table"):
        return error
    text = error.message.removeprefix(READING).strip()
    return ApiError(
        error.reason if error.reason == "notFound" else "invalid",
        f"Error while reading table: {name}, error message: {text}",
        location=error.location,
        details=error.details,
    )
