"""What Cloud Storage, S3 and BigQuery hold, as files that are laid out as seeds are."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from harness.bundle.manifest import LeftOut
from harness.bundle.postgres import FIRST_ROWS
from harness.seeds.index import write_index
from harness.seeds.reader import KEEP
from harness.sources import bigquery_table
from harness.sources.limits import NotKeptError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from google.cloud import bigquery

    from harness.services.stack import Stack

_LONGEST = 255
# What `record --sources` advises is no advice here.
_ADVICE = ": leave "


def keep(stack: Stack, folder: Path, *, limit: int, views: dict[str, str]) -> list[LeftOut]:
    """Write what the running services hold into files.

    Args:
        stack: The services.
        folder: A folder for them.
        limit: Bytes; a larger object is left out, and of a larger table the first rows are kept.
        views: Is given each view of BigQuery, with its query.

    Returns:
        What is not there, or not whole.
    """
    left: list[LeftOut] = []
    entries: list[dict[str, Any]] = []
    if "gcs" in stack.services:
        entries += _gcs(stack, folder, left, limit=limit)
    if "s3" in stack.services:
        _s3(stack, folder, left, limit=limit)
    if "bigquery" in stack.services:
        _bigquery(stack, folder, left, limit=limit, views=views)
    if entries:
        write_index(folder, entries)
    return left


def _gcs(stack: Stack, folder: Path, left: list[LeftOut], *, limit: int) -> list[dict[str, Any]]:
    buckets = stack.gcs.buckets()
    entries = []
    if not buckets:
        return []
    with closing(stack.gcs.client()) as client:
        for bucket in buckets:
            _bucket(folder / "gcs" / bucket)
            for blob in client.list_blobs(bucket):

                def write(file: Path, blob: Any = blob) -> None:
                    # As it is stored: what is packed stays packed.
                    blob.download_to_filename(str(file), raw_download=True)

                name = f"gcs/{bucket}/{blob.name}"
                if _object(folder, name, left, write=write, size=blob.size or 0, limit=limit):
                    facts = ("content_type", "content_encoding", "metadata")
                    stored = {key: getattr(blob, key) for key in facts if getattr(blob, key)}
                    entries += [{"seed": name, "stored": stored}] if stored else []
    return entries


def _s3(stack: Stack, folder: Path, left: list[LeftOut], *, limit: int) -> None:
    with closing(stack.s3.client()) as client:
        for bucket in sorted(one["Name"] for one in client.list_buckets()["Buckets"]):
            _bucket(folder / "s3" / bucket)
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for one in (found for page in pages for found in page.get("Contents", ())):

                def write(file: Path, bucket: str = bucket, key: str = one["Key"]) -> None:
                    client.download_file(bucket, key, str(file))

                name = f"s3/{bucket}/{one['Key']}"
                _object(folder, name, left, write=write, size=one["Size"], limit=limit)


def _bucket(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / KEEP).touch()


def _object(
    folder: Path,
    name: str,
    left: list[LeftOut],
    *,
    write: Callable[[Path], None],
    size: int,
    limit: int,
) -> bool:
    """Write an object, or say why it is left out."""
    parts = name.split("/")
    why = ""
    if size > limit:
        why = f"it has {size:,} bytes, more than the limit"
    elif any(not one or one.startswith(".") or len(one.encode()) > _LONGEST for one in parts):
        why = "its name cannot be a file's"
    else:
        file = folder.joinpath(*parts)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write(file)
        except (FileExistsError, IsADirectoryError, NotADirectoryError):
            why = "another object's name is a folder in its own"
    if why:
        left.append(LeftOut(what=name, why=why))
    return not why


def _bigquery(
    stack: Stack, folder: Path, left: list[LeftOut], *, limit: int, views: dict[str, str]
) -> None:
    place = folder / "bigquery"
    with closing(stack.bigquery.client()) as client:
        for dataset in sorted(one.dataset_id for one in client.list_datasets()):
            place.mkdir(parents=True, exist_ok=True)
            where = client.get_dataset(dataset).location
            made = bigquery_table.dataset(dataset, location=where)
            (place / f"{dataset}.sql").write_text(f"{made}\n", "utf-8")
            for name in sorted(one.table_id for one in client.list_tables(dataset)):
                try:
                    table = client.get_table(f"{dataset}.{name}")
                    if table.table_type == "VIEW":
                        views[f"{dataset}.{name}"] = table.view_query
                        continue
                    _table(client, table, place, left, limit=limit)
                except NotKeptError as error:
                    left.append(
                        LeftOut(
                            what=f"bigquery {dataset}.{name}", why=str(error).partition(_ADVICE)[0]
                        )
                    )


def _table(
    client: bigquery.Client,
    table: bigquery.Table,
    place: Path,
    left: list[LeftOut],
    *,
    limit: int,
) -> None:
    name = f"{table.dataset_id}.{table.table_id}"
    if table.table_type != "TABLE":
        raise NotKeptError(f"it is a {table.table_type}, and no table")
    definition = bigquery_table.definition(table)
    whole = int(table.num_bytes or 0) <= limit
    rows = client.list_rows(table, max_results=None if whole else FIRST_ROWS)
    kept = rows.to_arrow(create_bqstorage_client=False)
    bigquery_table.write(kept, table, place / f"{name}{bigquery_table.kind_of_file(table)}")
    (place / f"{name}.sql").write_text(definition, "utf-8")
    if not whole:
        why = f"it is larger than the limit: the first {FIRST_ROWS:,} rows are kept"
        left.append(LeftOut(what=f"bigquery {name}", why=why))
