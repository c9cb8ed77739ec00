"""Puts seeds into running services, in columns."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from harness.bigquery.labels import ANYWHERE
from harness.errors import HarnessError, InputError
from harness.seeds import mysql, postgres
from harness.seeds.reader import BUCKET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.cloud import bigquery, storage

    from harness.seeds.reader import Seed
    from harness.services.stack import Stack
    from harness.settings import Settings

_FORMATS = {
    ".csv": "CSV",
    ".csv.gz": "CSV",
    ".parquet": "PARQUET",
    ".jsonl": "NEWLINE_DELIMITED_JSON",
}


def check_owned(seeds: Iterable[Seed], settings: Settings) -> None:
    """Refuse seeds for a Cloud Storage or BigQuery that is not the harness's own.

    There they would be written beside what others have, and stay. A given PostgreSQL has a
    throw-away database for the run, so it takes them.

    Args:
        seeds: The seeds.
        settings: Which services are given.

    Raises:
        InputError: A seed is for a service that is given.
    """
    given = {
        "gcs": settings.gcs or settings.real_google,
        "bigquery": settings.bigquery or settings.real_google,
    }
    for seed in seeds:
        address = given.get(seed.service)
        if address:
            raise InputError(
                f"the seed {seed.file} is not loaded into {address}",
                cause=f"{seed.service} is one that is there already: what is put there would stay",
                remedy="run on the private services, or take the seed away",
            )


def plant(seeds: Iterable[Seed], stack: Stack) -> None:
    """Put seeds into the services of a stack, which are started if they do not run.

    Args:
        seeds: The seeds, in order.
        stack: The stack.

    Raises:
        InputError: A seed cannot be loaded; the message names its file.
        ServiceError: A service did not start.
    """
    planter = {
        "postgres": _in_postgres,
        "gcs": _in_gcs,
        "bigquery": _in_bigquery,
        "s3": _in_s3,
        "mysql": _in_mysql,
    }
    for seed in seeds:
        try:
            planter[seed.service](seed, stack)
        except HarnessError as error:
            raise _refused(seed, str(error)) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise _refused(seed, f"{type(error).__name__}: {error}") from error


def _in_postgres(seed: Seed, stack: Stack) -> None:
    if seed.kind == ".sql":
        stack.postgres.execute(seed.file.read_text("utf-8"))
    else:
        postgres.plant_table(stack.postgres, seed)


def _in_mysql(seed: Seed, stack: Stack) -> None:
    if seed.kind == ".sql":
        stack.mysql.execute(seed.file.read_text("utf-8"))
    else:
        mysql.plant_table(stack.mysql, seed)


def _in_gcs(seed: Seed, stack: Stack) -> None:
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415

    bucket, _, name = seed.name.partition("/")
    try:
        with closing(stack.gcs.client()) as client:
            made = _bucket(client, bucket)
            if seed.kind == BUCKET:
                return
            blob = made.blob(name)
            blob.content_encoding = seed.stored.get("content_encoding")
            blob.metadata = seed.stored.get("metadata")
            kind = seed.stored.get("content_type")
            blob.upload_from_filename(str(seed.file), content_type=kind)
    except GoogleAPIError as error:
        raise ValueError(str(error)) from error


def _bucket(client: storage.Client, name: str) -> storage.Bucket:
    found = client.lookup_bucket(name)
    return client.create_bucket(name) if found is None else found


def _in_s3(seed: Seed, stack: Stack) -> None:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    bucket, _, name = seed.name.partition("/")
    try:
        with closing(stack.s3.client()) as client:
            client.create_bucket(Bucket=bucket)
            if seed.kind != BUCKET:
                client.upload_file(str(seed.file), bucket, name)
    except (BotoCoreError, ClientError) as error:
        raise ValueError(str(error)) from error


def _in_bigquery(seed: Seed, stack: Stack) -> None:
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415

    try:
        with closing(stack.bigquery.client()) as client:
            if seed.kind == ".sql":
                client.query(seed.file.read_text("utf-8")).result()
            else:
                _load(client, seed)
    except GoogleAPIError as error:
        raise ValueError(str(error)) from error


def _load(client: bigquery.Client, seed: Seed) -> None:
    from google.cloud import bigquery  # noqa: PLC0415

    dataset, _, table = seed.name.partition(".")
    made = bigquery.Dataset(f"{client.project}.{dataset}")
    made.labels = ANYWHERE
    client.create_dataset(made, exists_ok=True)
    there = {found.table_id for found in client.list_tables(dataset)}
    config = bigquery.LoadJobConfig(
        source_format=_FORMATS[seed.kind],
        # A table that SQL has made says what the columns are.
        autodetect=None if table in there or seed.kind == ".parquet" else True,
        skip_leading_rows=1 if _FORMATS[seed.kind] == "CSV" else None,
        allow_quoted_newlines=True if _FORMATS[seed.kind] == "CSV" else None,
    )
    if seed.kind == ".parquet":
        # A list is an ARRAY, and not a record with one.
        options = bigquery.ParquetOptions()  # type: ignore[no-untyped-call]
        options.enable_list_inference = True
        config.parquet_options = options
        if table in there:
            config.schema = client.get_table(f"{dataset}.{table}").schema
    with seed.file.open("rb") as stream:
        client.load_table_from_file(stream, f"{dataset}.{table}", job_config=config).result()


def _refused(seed: Seed, cause: str) -> InputError:
    return InputError(
        f"the seed {seed.file} cannot be loaded into {seed.service}",
        cause=cause,
        remedy="correct the file, or take it away",
    )
