"""CREATE EXTERNAL TABLE and DROP EXTERNAL TABLE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.external import external_of
from harness.bigquery.loads.external_tables import entry
from harness.bigquery.partitions.layout import declared_fields
from harness.bigquery.sql.translate import name_parts
from harness.bigquery.statements.statement import Outcome

if TYPE_CHECKING:
    from harness.bigquery.entries import TableRef
    from harness.bigquery.statements.statement import Session
    from harness.bigquery.types import Field

# external_table_option_list of the reference: the option and its place in the REST resource.
_TOP = {
    "column_name_character_map": "columnNameCharacterMap",
    "compression": "compression",
    "date_format": "dateFormat",
    "datetime_format": "datetimeFormat",
    "decimal_target_types": "decimalTargetTypes",
    "file_set_spec_type": "fileSetSpecType",
    "format": "sourceFormat",
    "ignore_unknown_values": "ignoreUnknownValues",
    "json_extension": "jsonExtension",
    "max_bad_records": "maxBadRecords",
    "metadata_cache_mode": "metadataCacheMode",
    "object_metadata": "objectMetadata",
    "reference_file_schema_uri": "referenceFileSchemaUri",
    "time_format": "timeFormat",
    "time_zone": "timeZone",
    "timestamp_format": "timestampFormat",
    "uris": "sourceUris",
}
_CSV = {
    "allow_jagged_rows": "allowJaggedRows",
    "allow_quoted_newlines": "allowQuotedNewlines",
    "encoding": "encoding",
    "field_delimiter": "fieldDelimiter",
    "null_marker": "nullMarker",
    "null_markers": "nullMarkers",
    "preserve_ascii_control_characters": "preserveAsciiControlCharacters",
    "quote": "quote",
    "skip_leading_rows": "skipLeadingRows",
    "source_column_match": "sourceColumnMatch",
}
_PARQUET = {"enable_list_inference": "enableListInference", "enum_as_string": "enumAsString"}
_TEXTS = {"description": "description", "friendly_name": "friendlyName"}
_FORMATS = {"JSON": "NEWLINE_DELIMITED_JSON"}


def run(session: Session, tree: exp.Expr) -> Outcome:
    """Do the statement. The catalog's lock is not held meanwhile, as files are fetched.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    if isinstance(tree, exp.Create):
        return _create(session, tree)
    with session.catalog.lock:
        return _drop(session, tree)


def _create(session: Session, tree: exp.Create) -> Outcome:
    schema = tree.this if isinstance(tree.this, exp.Schema) else None
    ref = session.ref(name_parts(schema.this if schema else tree.this))
    session.catalog.dataset(ref.project, ref.dataset, location=session.location)
    if tree.expression is not None:
        raise ApiError("invalidQuery", "Syntax error: Unexpected keyword AS")
    if _skips(session, tree, ref):
        return Outcome(type="CREATE_EXTERNAL_TABLE", target=ref, ddl="SKIP")
    options = _options(tree)
    kept = {_TEXTS[name]: options.pop(name) for name in tuple(options) if name in _TEXTS}
    if "labels" in options:
        kept["labels"] = dict(options.pop("labels"))
    fields = declared_fields(schema) if schema else ()
    resource = _resource(options, tree.meta, fields)
    external = external_of(
        session.catalog, resource, fields=fields, name=f"{ref.dataset}.{ref.table}"
    )
    with session.catalog.lock:
        # It may have been made since.
        if _skips(session, tree, ref):
            return Outcome(type="CREATE_EXTERNAL_TABLE", target=ref, ddl="SKIP")
        done = "CREATE" if session.catalog.find_table(ref) is None else "REPLACE"
        session.catalog.put_table(entry(session.catalog, ref, external, kept=kept))
    return Outcome(type="CREATE_EXTERNAL_TABLE", target=ref, ddl=done)


def _skips(session: Session, tree: exp.Create, ref: TableRef) -> bool:
    """Whether the table is there, and may be; it is refused where it may not."""
    old = session.catalog.find_table(ref)
    if old is None or (tree.args.get("replace") and old.external is not None):
        return False
    if not tree.args.get("exists"):
        raise ApiError("duplicate", f"Already Exists: Table {ref}")
    return True


def _drop(session: Session, tree: exp.Expr) -> Outcome:
    named = (tree.args.get("tables") or [tree.this])[0]
    ref = session.ref(name_parts(named))
    kind = "DROP_EXTERNAL_TABLE"
    try:
        table = session.catalog.table(ref, location=session.location)
    except ApiError as error:
        if error.reason == "notFound" and tree.args.get("exists"):
            return Outcome(type=kind, target=ref, ddl="SKIP")
        raise
    if table.external is None:
        raise ApiError("invalid", f"{ref} is not an external table")
    session.catalog.remove_table(ref)
    return Outcome(type=kind, target=ref, ddl="DROP")


def _resource(
    options: dict[str, Any], said: dict[str, Any], fields: tuple[Field, ...]
) -> dict[str, Any]:
    """The ExternalDataConfiguration that the options tell."""
    resource: dict[str, Any] = {"autodetect": not fields}
    groups: dict[str, dict[str, Any]] = {"csvOptions": {}, "parquetOptions": {}}
    prefix = options.pop("hive_partition_uri_prefix", None)
    require = options.pop("require_hive_partition_filter", False)
    if "enable_logical_types" in options:
        resource["avroOptions"] = {"useAvroLogicalTypes": options.pop("enable_logical_types")}
    for name, value in options.items():
        if name in _TOP:
            resource[_TOP[name]] = value
        elif name in _CSV:
            groups["csvOptions"][_CSV[name]] = value
        elif name in _PARQUET:
            groups["parquetOptions"][_PARQUET[name]] = value
        else:
            raise UnsupportedError(f"option {name} of an external table")
    if "partition_columns" in said or prefix is not None:
        resource["hivePartitioningOptions"] = _hive(said, prefix, require=bool(require))
    kind = str(resource.get("sourceFormat") or "").upper()
    resource["sourceFormat"] = _FORMATS.get(kind, kind)
    return resource | {name: given for name, given in groups.items() if given}


def _hive(said: dict[str, Any], prefix: str | None, *, require: bool) -> dict[str, Any]:
    if prefix is None:
        raise ApiError(
            "invalid", "hive_partition_uri_prefix is required for WITH PARTITION COLUMNS"
        )
    columns = said.get("partition_columns")
    hive: dict[str, Any] = {"mode": "AUTO", "sourceUriPrefix": prefix}
    if columns is not None:
        keys = "".join(f"/{{{one.name}:{one.type}}}" for one in declared_fields(columns))
        hive = {"mode": "CUSTOM", "sourceUriPrefix": prefix.rstrip("/") + keys}
    return {**hive, "requirePartitionFilter": require}


def _options(tree: exp.Create) -> dict[str, Any]:
    options: dict[str, Any] = {}
    properties = tree.args.get("properties")
    for one in properties.expressions if properties else ():
        if isinstance(one, exp.ExternalProperty):
            continue
        if isinstance(one, exp.FileFormatProperty):
            options["format"] = one.this.name
        elif type(one) is exp.Property:
            options[one.name.lower()] = _value(one.args["value"])
        else:
            raise UnsupportedError(type(one).__name__.removesuffix("Property").upper())
    return options


def _value(node: exp.Expr) -> Any:
    if isinstance(node, exp.Array | exp.Tuple):
        return [_value(one) for one in node.expressions]
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Literal) and not node.is_string:
        return int(node.name) if node.name.isdigit() else float(node.name)
    return node.name
