"""Google's clients: Cloud Storage, BigQuery, pandas-gbq, key files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, product, rule, texts_of
from harness.inspect.clients.places import of_place
from harness.inspect.clients.queries import queried
from harness.inspect.values import Text, Thing, Value, alternatives, text

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from harness.inspect.model import Access

_STORAGE = r"google\.cloud\.storage\.Client(?:\.\w+)?\(\)"
_BIGQUERY = r"google\.cloud\.bigquery\.Client(?:\.\w+)?\(\)"
_GCS = "google.cloud.storage"
_BQ = "google.cloud.bigquery"


@rule(
    rf"{_STORAGE}\.(?:bucket|get_bucket|lookup_bucket|create_bucket)\(\)\.(?:blob"
    rf"|get_blob)\(\)\.(?P<verb>\w+)"
)
def _blob(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    verb = found["verb"]
    writing = verb.startswith(("upload", "delete", "rewrite", "compose", "make_")) or (
        verb == "open" and any("w" in mode.shown for mode in call.texts(0, "mode"))
    )
    reading = verb.startswith("download") or verb in ("open", "exists", "reload")
    if writing or reading:
        bucket = call.texts(0, "bucket_name", "bucket_or_name", at=1)
        key = call.texts(0, "blob_name", at=2)
        yield from _objects(bucket, key, "writes" if writing else "reads")


@rule(rf"{_STORAGE}\.(?:(?:bucket|get_bucket)\(\)\.)?list_blobs")
def _listed(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    direct = len(call.calls) == 2  # noqa: PLR2004 - the client's and this one
    bucket = call.texts(0, "bucket_or_name") if direct else call.texts(0, "bucket_name", at=1)
    yield from _objects(bucket, call.texts(None, "prefix"), "reads")


@rule(rf"{_STORAGE}\.(?P<verb>create_bucket|get_bucket|lookup_bucket)")
def _bucket(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    access: Access = "writes" if found["verb"] == "create_bucket" else "reads"
    for name in call.texts(0, "bucket_name", "bucket_or_name"):
        yield Sighting(
            kind="connection", name=name, access=access, client=_GCS, service="gcs", detail="bucket"
        )


@rule(rf"{_BIGQUERY}\.(?:query|query_and_wait)")
def _query(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    yield from queried(call.value(0, "query"), client=_BQ, service="bigquery")


@rule(
    rf"{_BIGQUERY}\.(?P<verb>load_table_from_\w+|insert_rows\w*|create_table|delete_table"
    rf"|update_table|get_table|list_rows|extract_table|copy_table)"
)
def _table(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    verb = found["verb"]
    loads = verb.startswith("load_table_from_")
    reads = verb in ("get_table", "list_rows", "extract_table")
    place = 1 if loads or verb == "copy_table" else 0
    for name in _table_names(call.value(place, "destination", "table")):
        yield _sighting(name, "reads" if reads else "writes")
    if verb == "load_table_from_uri":
        for uri in call.texts(0, "source_uris"):
            yield of_place(uri, "reads", _BQ)


@rule(rf"{_BIGQUERY}\.(?P<verb>create_dataset|get_dataset|delete_dataset)")
def _dataset(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    for name in _table_names(call.value(0, "dataset", "dataset_ref", "dataset_id")):
        yield Sighting(
            kind="connection",
            name=name,
            access="reads" if found["verb"] == "get_dataset" else "writes",
            client=_BQ,
            service="bigquery",
            detail="dataset",
        )


@rule(r"(?:pandas_gbq|pandas)\.read_gbq")
def _gbq_read(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    query = call.value(0, "query_or_table", "query")
    if isinstance(query, Text) and " " not in query.shown.strip():
        yield _sighting(query, "reads", client=found[0])
    else:
        yield from queried(query, client=found[0], service="bigquery")


@rule(r"(?P<before>pandas_gbq|.*)\.to_gbq")
def _gbq_written(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    module = found["before"] == "pandas_gbq"
    client = "pandas_gbq.to_gbq" if module else "pandas.to_gbq"
    for name in call.texts(1 if module else 0, "destination_table"):
        yield _sighting(name, "writes", client=client)


@rule(r"(?P<library>.*)\.from_service_account_(?:file|json)|gspread\.service_account")
def _key(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(0, "filename", "json_credentials_path"):
        library = found["library"] or "gspread"
        client = library.removesuffix(".Credentials").removesuffix(".Client")
        yield Sighting(kind="secret", name=name, access="reads", client=client, detail="key file")


@rule(r"gspread\..*\(\)\.open(?:_by_url|_by_key)?")
def _sheet(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(0):
        yield Sighting(
            kind="connection", name=name, access="opens", client="gspread", service="other"
        )


GOOGLE = (
    *(_blob, _listed, _bucket, _query, _table, _dataset),
    *(_gbq_read, _gbq_written, _key, _sheet),
)


def _objects(bucket: list[Text], key: list[Text], access: Access) -> Iterator[Sighting]:
    for name in product(bucket, key or [text("")], by="/"):
        yield Sighting(kind="object", name=name, access=access, client=_GCS, service="gcs")


def _sighting(name: Text, access: Access, *, client: str = _BQ) -> Sighting:
    return Sighting(kind="table", name=name, access=access, client=client, service="bigquery")


def _table_names(value: Value | None) -> list[Text]:
    """Names of tables and datasets, also by ``Table(...)`` and ``dataset().table()``."""
    found: list[Text] = []
    for one in alternatives(value) if value is not None else ():
        if isinstance(one, Thing) and one.calls and one.hole is None:
            made = Call(path=one.path.removesuffix("()"), calls=one.calls)
            parts = [made.texts(0, at=at) for at in range(len(one.calls))]
            start = 1 if one.path.startswith(f"{_BQ}.Client") else 0
            direct = made.value(0, at=start)
            if isinstance(direct, Thing) and direct.calls and direct.hole is None:
                found += product(_table_names(direct), *parts[start + 1 :])
            else:
                found += product(*parts[start:])
        else:
            found += texts_of(one)
    return found
