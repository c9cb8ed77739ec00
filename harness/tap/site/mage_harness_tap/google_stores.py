"""A bucket or dataset that a pipeline writes to is there in production: here it is made then.

Whether it exists (``exists``, ``lookup_bucket``, ``get_dataset``) is answered as it is. pyarrow
makes buckets by itself, in several threads at once, which fails now and then.
"""

import functools
import importlib
import os
import sys
import threading
from typing import Any, Callable

from mage_harness_tap import blocks, events, place
from mage_harness_tap.after_import import after_import
from mage_harness_tap.created_in import created_in
from mage_harness_tap.google_keys import KEY_VARIABLE

_CACHE = "google.cloud.storage._bucket_metadata_cache"
_QUERIES = ("query", "query_and_wait")
_LOADS = ("load_table_from_uri", "load_table_from_file")
_PARENTS = 2
"""A table is in a project and a dataset."""
_ANYWHERE = {"mage-harness-location": "any"}
"""A label: where the dataset is in production, nobody has said."""
_making = threading.Lock()


def watch() -> None:
    """Watch the clients that write, where the services are private ones."""
    if os.environ.get(KEY_VARIABLE) and os.environ.get("STORAGE_EMULATOR_HOST"):
        after_import("google.cloud.storage.client", _watch_storage)
        after_import("google.cloud.storage.blob", _watch_uploads)
        after_import("gcsfs.core", _watch_gcsfs)
        after_import("pyarrow.dataset", _watch_datasets)
        after_import("pyarrow.parquet.core", _watch_parquet)
    if os.environ.get(KEY_VARIABLE) and os.environ.get("BIGQUERY_EMULATOR_HOST"):
        after_import("google.cloud.bigquery.client", _watch_bigquery)
        after_import("mage_ai.io.bigquery", _watch_mage)


def _watch_storage(module: Any) -> None:
    get, look_up = module.Client.get_bucket, module.Client.lookup_bucket

    @functools.wraps(get)
    def got(self: Any, bucket_or_name: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return get(self, bucket_or_name, *args, **kwargs)
        except module.NotFound:
            # The client itself asks too, in a thread of its own, to tell its traces.
            if sys._getframe(1).f_globals.get("__name__") == _CACHE:
                raise
            # What reads from it fails as ever; what writes to it makes it.
            return self.bucket(getattr(bucket_or_name, "name", bucket_or_name))

    @functools.wraps(look_up)
    def looked_up(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return get(self, *args, **kwargs)
        except module.NotFound:
            return None

    module.Client.get_bucket, module.Client.lookup_bucket = got, looked_up


def _watch_uploads(module: Any) -> None:
    for name in ("_do_upload", "_initiate_resumable_upload"):
        if hasattr(module.Blob, name):
            setattr(module.Blob, name, _with_bucket(getattr(module.Blob, name)))


def _with_bucket(upload: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(upload)
    def uploaded(self: Any, client: Any, *args: Any, **kwargs: Any) -> Any:
        _make_bucket(client or self.client, self.bucket.name)
        return upload(self, client, *args, **kwargs)

    return uploaded


def _make_bucket(client: Any, name: str) -> None:
    with _making:
        if not client.bucket(name).exists():
            client.create_bucket(name)
            _tell("bucket", name)


def _watch_gcsfs(module: Any) -> None:
    for name in ("initiate_upload", "simple_upload"):
        setattr(module, name, _with_bucket_of_gcsfs(getattr(module, name)))


def _with_bucket_of_gcsfs(upload: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(upload)
    async def uploaded(fs: Any, bucket: str, *args: Any, **kwargs: Any) -> Any:
        try:
            await fs._call("GET", "b/{}", bucket, json_out=True)
        except FileNotFoundError:
            await fs._mkdir(bucket)
            _tell("bucket", bucket)
        return await upload(fs, bucket, *args, **kwargs)

    return uploaded


def _watch_datasets(module: Any) -> None:
    write = module.write_dataset

    @functools.wraps(write)
    def written(data: Any, base_dir: Any, *args: Any, **kwargs: Any) -> Any:
        _make_for_arrow(kwargs.get("filesystem"), base_dir)
        return write(data, base_dir, *args, **kwargs)

    module.write_dataset = written


def _watch_parquet(module: Any) -> None:
    begin = module.ParquetWriter.__init__

    @functools.wraps(begin)
    def begun(self: Any, where: Any, *args: Any, **kwargs: Any) -> None:
        _make_for_arrow(kwargs.get("filesystem"), where)
        begin(self, where, *args, **kwargs)

    module.ParquetWriter.__init__ = begun


def _make_for_arrow(filesystem: Any, path: Any) -> None:
    if getattr(filesystem, "type_name", "") == "gcs" and isinstance(path, str):
        bucket = path.partition("/")[0]
        with _making:
            if filesystem.get_file_info(bucket).type.name == "NotFound":
                filesystem.create_dir(bucket)
                _tell("bucket", bucket)


def _watch_bigquery(module: Any) -> None:
    for name in _LOADS:
        setattr(module.Client, name, _with_dataset(module, getattr(module.Client, name)))
    for name in _QUERIES:
        if hasattr(module.Client, name):
            setattr(module.Client, name, _with_datasets(getattr(module.Client, name)))


def _with_datasets(query: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(query)
    def queried(self: Any, *args: Any, **kwargs: Any) -> Any:
        sql = args[0] if args else kwargs.get("query", "")
        for project, dataset in created_in(sql):
            _make_dataset(self, "%s.%s" % (project or self.project, dataset))
        return query(self, *args, **kwargs)

    return queried


def _with_dataset(module: Any, load: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(load)
    def loaded(self: Any, *args: Any, **kwargs: Any) -> Any:
        destination = (*args[1:2], kwargs.get("destination"))[0]
        table = module._table_arg_to_table_ref(destination, default_project=self.project)
        _make_dataset(self, "%s.%s" % (table.project, table.dataset_id))
        return load(self, *args, **kwargs)

    return loaded


def _watch_mage(module: Any) -> None:
    """Mage's export asks about the dataset before it makes one, in the project of the key."""
    export = module.BigQuery.export

    @functools.wraps(export)
    def exported(self: Any, df: Any, table_id: Any = None, *args: Any, **kwargs: Any) -> Any:
        *parents, _table = str(table_id).split(".")
        if len(parents) == 1:
            # As SQL blocks name it.
            parents = [kwargs.get("database") or self.default_database(), *parents]
        if len(parents) == _PARENTS and kwargs.get("create_dataset", True):
            _make_dataset(self.client, ".".join(parents))
        return export(self, df, table_id, *args, **kwargs)

    module.BigQuery.export = exported


def _make_dataset(client: Any, name: str) -> None:
    exceptions = importlib.import_module("google.api_core.exceptions")
    with _making:
        try:
            client.get_dataset(name)
        except exceptions.NotFound:
            bigquery = importlib.import_module("google.cloud.bigquery")
            dataset = bigquery.Dataset.from_string(name)
            dataset.labels = _ANYWHERE
            client.create_dataset(dataset)
            _tell("dataset", name)


def _tell(kind: str, name: str) -> None:
    line = place.of_caller()
    events.emit("store_made", block=blocks.current(), line=line, kind=kind, name=name)
