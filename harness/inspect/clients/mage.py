"""Mage's own clients (``mage_ai.io``), and pipelines that start others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, product, rule
from harness.inspect.clients.queries import queried
from harness.inspect.spelling import as_texts
from harness.inspect.values import Constant, Items, Text, Thing, alternatives, text

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from harness.inspect.model import Service

SERVICES: dict[str, Service] = {
    "bigquery": "bigquery",
    "duckdb": "duckdb",
    "google_cloud_storage": "gcs",
    "mysql": "mysql",
    "postgres": "postgres",
    "s3": "s3",
}
"""The service behind a module of ``mage_ai.io``; the others have no stand-in."""

_LOADER = (
    r"mage_ai\.io\.(?P<module>(?!file\b)\w+)\.\w+(?:\.with_config|\.with_profile)?\(\)"
    r"(?:\.\w+\(\))?"
)
_BUCKETS = (
    r"mage_ai\.io\.(?P<module>google_cloud_storage|s3|azure_blob_storage|backblaze_b2)"
    r"\.\w+(?:\.with_config)?\(\)"
)


@rule(rf"{_BUCKETS}\.(?P<verb>load|export|exists)")
def _object(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    first = 1 if found["verb"] == "export" else 0
    bucket = call.texts(first, "bucket_name", "container_name")
    key = call.texts(first + 1, "object_key", "blob_path", "prefix")
    for name in product(bucket, key, by="/"):
        yield Sighting(
            kind="object",
            name=name,
            access="writes" if found["verb"] == "export" else "reads",
            client=f"mage_ai.io.{found['module']}",
            service=SERVICES.get(found["module"], "other"),
            detail=_profile(call),
        )


@rule(rf"{_LOADER}\.(?P<verb>load|execute|execute_query_raw|execute_query|execute_queries)")
def _query(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    module = found["module"]
    given = call.value(0, "query_string", "query", "queries", "command_string")
    values = given.values if isinstance(given, Items) else [] if given is None else [given]
    for value in values:
        yield from queried(
            value,
            client=f"mage_ai.io.{module}",
            service=SERVICES.get(module, "other"),
            dialect=module,
            detail=_profile(call),
        )


@rule(rf"{_LOADER}\.sample")
def _sample(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    for name in product(call.texts(0, "schema"), call.texts(1, "table")):
        yield Sighting(
            kind="table",
            name=name,
            access="reads",
            client=f"mage_ai.io.{found['module']}",
            service=SERVICES.get(found["module"], "other"),
            detail=_profile(call),
        )


@rule(rf"{_LOADER}\.export")
def _table(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    module = found["module"]
    if module == "bigquery":
        names = call.texts(1, "table_id")
    elif module in ("snowflake", "redshift", "clickhouse"):
        schema = call.texts(3 if module == "snowflake" else 2, "schema", "schema_name", "database")
        names = product(schema, call.texts(1, "table_name"))
    else:
        names = product(_named(call, 1, "schema_name"), _named(call, 2, "table_name"))
    policy = call.texts(None, "if_exists")
    detail = ", ".join([*filter(None, [_profile(call)]), *(f"if_exists={p.shown}" for p in policy)])
    for name in names:
        yield Sighting(
            kind="table",
            name=name,
            access="writes",
            client=f"mage_ai.io.{module}",
            service=SERVICES.get(module, "other"),
            detail=detail,
        )


@rule(r"mage_ai\..*\.trigger_pipeline")
def _trigger(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(0, "pipeline_uuid"):
        yield Sighting(kind="pipeline", name=name, access="opens", client="trigger_pipeline")


MAGE = (_object, _query, _sample, _table, _trigger)


def profile_of(call: Call) -> list[Text]:
    """The profile of io_config.yaml that a client is made with; empty where it has none.

    Args:
        call: A call of the client or of its constructor.
    """
    for given in call.calls:
        for argument in given:
            for one in alternatives(argument.value):
                if isinstance(one, Thing) and one.path.endswith("ConfigFileLoader()"):
                    made = Call(path=one.path.removesuffix("()"), calls=one.calls)
                    return made.texts(1, "profile") or [text("default")]
    return []


def _named(call: Call, place: int, name: str) -> list[Text]:
    """A part of a table's name; one that is given and not known is a hole, and not left out."""
    value = call.value(place, name)
    if value is None or value == Constant(None):
        return []
    return call.texts(place, name) or as_texts(value)


def _profile(call: Call) -> str:
    return ", ".join(f"profile {name.shown}" for name in profile_of(call))
