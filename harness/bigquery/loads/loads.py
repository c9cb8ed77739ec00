"""Load jobs: from an uploaded file or from objects in GCS into a table."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError, not_found_table
from harness.bigquery.loads.dispositions import (
    Destination,
    checked_create,
    checked_updates,
    checked_write,
)
from harness.bigquery.loads.load_formats import DESCRIBING, reader_of
from harness.bigquery.loads.load_hive import with_keys
from harness.bigquery.loads.load_names import check_names
from harness.bigquery.loads.load_parquet_modes import with_modes
from harness.bigquery.loads.writing import write_rows
from harness.bigquery.partitions.partition_spec import partitioning_from_rest
from harness.bigquery.types import schema_from_rest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table, TableRef
    from harness.bigquery.loads.load_bad import Staged
    from harness.bigquery.partitions.partitions import Partitioning
    from harness.bigquery.types import Field

_NOT_DONE = (
    "destinationEncryptionConfiguration",
    "jsonExtension",
    "projectionFields",
    "referenceFileSchemaUri",
)
_MATCHED = "FILE_SET_SPEC_TYPE_FILE_SYSTEM_MATCH"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Files to load.

    Attributes:
        paths: The files, on this machine.
        names: Their names as the client knows them.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(path.stat().st_size for path in self.paths)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a load job did.

    Attributes:
        table: The table.
        rows: Rows that were written.
        bytes: Bytes that were read.
        files: Files that were read.
        bad: Rows that were left out.
        warnings: ErrorProtos of these.
    """

    table: Table
    rows: int
    bytes: int
    files: int
    bad: int = 0
    warnings: tuple[dict[str, str], ...] = ()


def load(
    catalog: Catalog,
    configuration: Mapping[str, Any],
    *,
    ref: TableRef,
    partition: str,
    source: Source | None,
    gcs_endpoint: str | None,
) -> Loaded:
    """Do a load job.

    Args:
        catalog: The catalog.
        configuration: The JobConfigurationLoad.
        ref: The destination.
        partition: The partition id of a decorator, or an empty string.
        source: The uploaded file, or None where the configuration names objects.
        gcs_endpoint: Where objects are fetched from, or None.

    Raises:
        ApiError: BigQuery would refuse it; nothing has changed then.
    """
    kind = str(configuration.get("sourceFormat") or "CSV").upper()
    for option in _NOT_DONE:
        if configuration.get(option):
            raise UnsupportedError(option)
    if str(configuration.get("fileSetSpecType") or _MATCHED) != _MATCHED:
        raise UnsupportedError(f"fileSetSpecType {configuration['fileSetSpecType']}")
    check_names(configuration)
    read = reader_of(kind)
    old = catalog.find_table(ref)
    write = checked_write(configuration.get("writeDisposition"), default="WRITE_APPEND")
    create = checked_create(configuration.get("createDisposition"))
    if old is None and not create:
        raise not_found_table(str(ref))
    if old is not None and old.rows and write == "WRITE_EMPTY" and not partition:
        raise ApiError("duplicate", f"Already Exists: Table {ref}")
    updates = checked_updates(
        configuration.get("schemaUpdateOptions"), write=write, partition=partition
    )
    given = schema_from_rest(configuration.get("schema"))
    wanted = _wanted(kind, given, configuration, old)
    clustering = tuple((configuration.get("clustering") or {}).get("fields") or ())
    with _files(configuration, source, gcs_endpoint) as files:
        staged = with_keys(read, catalog.database, files, configuration, wanted)
        if kind == "PARQUET" and old is not None and not given:
            fields = with_modes(staged.fields, files.paths, known=old.fields)
            staged = replace(staged, fields=fields)
        size, count = files.size, len(files.paths)
    rows = int(catalog.database.scalar(f"SELECT count(*) FROM {staged.table}"))  # noqa: S608
    destination = Destination(
        ref=ref,
        partition=partition,
        create=create,
        write=write,
        partitioning=_checked_partitioning(catalog, configuration, staged),
        clustering=clustering,
        require_filter=bool(
            (configuration.get("timePartitioning") or {}).get("requirePartitionFilter")
        ),
        updates=updates,
        kept=_kept(configuration),
    )
    table = write_rows(catalog, destination, fields=staged.fields, staged=staged.table)
    return Loaded(
        table=table,
        rows=rows,
        bytes=size,
        files=count,
        bad=staged.bad,
        warnings=staged.warnings,
    )


def _wanted(
    kind: str, given: tuple[Field, ...], configuration: Mapping[str, Any], old: Table | None
) -> tuple[Field, ...] | None:
    """The columns that the file should have, or None where it tells them itself."""
    if given:
        return given
    if kind in DESCRIBING or configuration.get("autodetect"):
        return None
    if old is not None:
        return old.fields
    raise ApiError("invalid", "No schema specified on job or table.")


def _checked_partitioning(
    catalog: Catalog, configuration: Mapping[str, Any], staged: Staged
) -> Partitioning | None:
    try:
        return partitioning_from_rest(configuration, fields=staged.fields)
    except ApiError:
        catalog.database.drop(staged.table)
        raise


def _kept(configuration: Mapping[str, Any]) -> dict[str, Any]:
    given = configuration.get("destinationTableProperties") or {}
    return {
        name: given[name] for name in ("description", "friendlyName", "labels") if name in given
    }


@contextmanager
def _files(
    configuration: Mapping[str, Any], source: Source | None, gcs_endpoint: str | None
) -> Iterator[Source]:
    if source is not None:
        yield source
        return
    uris = configuration.get("sourceUris") or ()
    if not uris:
        raise ApiError("required", "Required parameter is missing: sourceUris")
    if gcs_endpoint is None:
        raise UnsupportedError("sourceUris, as the stub was started without a GCS endpoint")
    from harness.bigquery.loads.gcs import fetch  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="harness-bigquery-"))
    try:
        paths, names = fetch(gcs_endpoint, [str(uri) for uri in uris], folder)
        yield Source(paths=paths, names=names)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
