"""External tables: what their definition says of the files that they stand for.

Source: "ExternalDataConfiguration" of the REST reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.hive import Hive, hive_of, keys_of
from harness.bigquery.loads.load_formats import DESCRIBING, ROWS_OF_TEXT
from harness.bigquery.types import checked, schema_from_rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.types import Field

FILE_NAME = "_FILE_NAME"
_NOT_DONE = (
    "bigtableOptions",
    "connectionId",
    "fileSetSpecType",
    "googleSheetsOptions",
    "jsonExtension",
    "metadataCacheMode",
    "objectMetadata",
    "referenceFileSchemaUri",
)
_COMPRESSIONS = ("NONE", "GZIP", "SNAPPY", "DEFLATE")
# "The number of source URIs of an external table" in the quotas of the reference.
_MOST_URIS = 10_000


@dataclass(frozen=True, kw_only=True)
class External:
    """What an external table stands for.

    Attributes:
        resource: The ExternalDataConfiguration as it is told.
        fields: The columns of the files.
        keys: The columns that the names of the files give.
    """

    resource: Mapping[str, Any]
    fields: tuple[Field, ...]
    keys: tuple[Field, ...] = ()
    columns: tuple[Field, ...] = field(init=False)

    def __post_init__(self) -> None:
        # "Limitations" of external tables: "don't support flexible column names".
        columns = checked((*self.fields, *self.keys), flexible=False)
        object.__setattr__(self, "columns", columns)

    @property
    def kind(self) -> str:
        """The format of the files."""
        return str(self.resource["sourceFormat"])

    @property
    def uris(self) -> tuple[str, ...]:
        """The files, with wildcards."""
        return tuple(self.resource["sourceUris"])

    @property
    def hive(self) -> Hive | None:
        """How partitions stand in the names, or None."""
        return hive_of(self.resource.get("hivePartitioningOptions"))


def external_of(
    catalog: Catalog,
    resource: Mapping[str, Any],
    *,
    fields: tuple[Field, ...] = (),
    name: str = "",
) -> External:
    """Read an ExternalDataConfiguration; files are looked at where it does not tell the columns.

    Args:
        catalog: Knows where objects are.
        resource: The configuration.
        fields: The columns that the table's resource gives.
        name: The table, for messages.

    Raises:
        ApiError: It is malformed, or of a kind that the stub does not do.
    """
    from harness.bigquery.loads.external_files import detected, listed  # noqa: PLC0415

    told = _checked(resource)
    hive = hive_of(told.get("hivePartitioningOptions"))
    given = fields or schema_from_rest(told.get("schema"))
    uris: tuple[str, ...] = ()
    keys: tuple[Field, ...] = ()
    detect = not given
    if detect and told["sourceFormat"] in ROWS_OF_TEXT and told.get("autodetect") is False:
        raise ApiError("invalid", "No schema specified on job or table.")
    if detect or hive:
        uris = listed(catalog, told["sourceUris"], name=name)
    if hive:
        keys = keys_of(hive, uris, catalog.database)
        names = {key.name.lower() for key in keys}
        given = tuple(one for one in given if one.name.lower() not in names)
        told["hivePartitioningOptions"] = {
            **told["hivePartitioningOptions"],
            "fields": [key.name for key in keys],
        }
    if detect:
        # The last file by name tells the columns; of rows of text the real one takes any.
        last = max(uris) if told["sourceFormat"] in DESCRIBING else min(uris)
        given = detected(catalog, told, last)
        names = {key.name.lower() for key in keys}
        given = tuple(one for one in given if one.name.lower() not in names)
        told["autodetect"] = True
    return External(resource=told, fields=given, keys=keys)


def load_options(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The same in the form of a JobConfigurationLoad, which is what the readers know."""
    options = dict(resource)
    options |= options.pop("csvOptions", None) or {}
    options |= options.pop("jsonOptions", None) or {}
    options |= options.pop("avroOptions", None) or {}
    if options.get("sourceFormat") in DESCRIBING:
        # A column of a file that the table does not have is not read.
        options["ignoreUnknownValues"] = True
    return options


def _checked(resource: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(resource)
    kind = str(told.get("sourceFormat") or "").upper()
    if not kind:
        raise ApiError("invalid", "Required parameter is missing: sourceFormat")
    if kind not in (*DESCRIBING, *ROWS_OF_TEXT):
        raise UnsupportedError(f"external tables of {kind}")
    for option in _NOT_DONE:
        if told.get(option) and told[option] != "METADATA_CACHE_MODE_UNSPECIFIED":
            raise UnsupportedError(f"external tables with {option}")
    uris = told.get("sourceUris") or ()
    if isinstance(uris, str) or not uris:
        raise ApiError("invalid", "Required parameter is missing: sourceUris")
    if len(uris) > _MOST_URIS:
        raise ApiError("invalid", f"Too many source URIs: {len(uris)}, allowed {_MOST_URIS}")
    for uri in uris:
        if not str(uri).startswith("gs://"):
            raise UnsupportedError(f"external tables over {uri}")
    if str(told.get("compression") or "NONE").upper() not in _COMPRESSIONS:
        raise ApiError("invalid", f"Invalid value for compression: {told['compression']}")
    return {**told, "sourceFormat": kind, "sourceUris": [str(uri) for uri in uris]}
