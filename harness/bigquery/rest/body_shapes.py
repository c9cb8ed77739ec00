"""The resources of the REST reference as shapes; an object's parts are told by a function.

A function, since some resources hold themselves: a field has fields, a type has types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXT = "TYPE_STRING"
VALUE = "TYPE_STRING or a number"
"""A text that may be written as a number: clients send parameters so."""
WHOLE = "TYPE_INT64"
FLAG = "TYPE_BOOL"
JSON = "JSON"
"""Anything."""
MAP = "*"
"""The name that stands for all names of an object that has no fixed ones."""

Shape: TypeAlias = Union[str, "list[Shape]", "Callable[[], Mapping[str, Shape]]"]


def _of(**parts: Shape) -> Callable[[], Mapping[str, Shape]]:
    return lambda: parts


def _field() -> Mapping[str, Shape]:
    texts = ("name", "type", "mode", "description", "collation", "defaultValueExpression")
    return {
        **dict.fromkeys(texts, TEXT),
        **dict.fromkeys(("maxLength", "precision", "scale"), WHOLE),
        "fields": [_field],
        "policyTags": _of(names=[TEXT]),
        "rangeElementType": _of(type=TEXT),
    }


def _parameter_type() -> Mapping[str, Shape]:
    part = _of(name=TEXT, type=_parameter_type, description=TEXT)
    return {
        "type": TEXT,
        "arrayType": _parameter_type,
        "structTypes": [part],
        "rangeElementType": _parameter_type,
    }


def _parameter_value() -> Mapping[str, Shape]:
    return {
        "value": VALUE,
        "arrayValues": [_parameter_value],
        "structValues": lambda: {MAP: _parameter_value},
        "rangeValue": _of(start=_parameter_value, end=_parameter_value),
    }


def _data_type() -> Mapping[str, Shape]:
    part = _of(name=TEXT, type=_data_type)
    return {
        "typeKind": TEXT,
        "arrayElementType": _data_type,
        "structType": _of(fields=[part]),
        "rangeElementType": _data_type,
    }


_LABELS: Shape = lambda: {MAP: TEXT}  # noqa: E731 - a shape, not a thing to call by name
_DATASET_REF = _of(projectId=TEXT, datasetId=TEXT)
_TABLE_REF = _of(projectId=TEXT, datasetId=TEXT, tableId=TEXT)
_SCHEMA = _of(fields=[_field])
_TIME = _of(type=TEXT, field=TEXT, expirationMs=WHOLE, requirePartitionFilter=FLAG)
_RANGE = _of(field=TEXT, range=_of(start=WHOLE, end=WHOLE, interval=WHOLE))
_LAYOUT: Mapping[str, Shape] = {
    "timePartitioning": _TIME,
    "rangePartitioning": _RANGE,
    "clustering": _of(fields=[TEXT]),
}
_CSV = _of(
    fieldDelimiter=TEXT,
    quote=TEXT,
    encoding=TEXT,
    skipLeadingRows=WHOLE,
    allowQuotedNewlines=FLAG,
    allowJaggedRows=FLAG,
    nullMarker=TEXT,
)
_EXTERNAL = _of(
    sourceUris=[TEXT],
    sourceFormat=TEXT,
    schema=_SCHEMA,
    autodetect=FLAG,
    compression=TEXT,
    maxBadRecords=WHOLE,
    ignoreUnknownValues=FLAG,
    csvOptions=_CSV,
    hivePartitioningOptions=_of(
        mode=TEXT, sourceUriPrefix=TEXT, requirePartitionFilter=FLAG, fields=[TEXT]
    ),
    parquetOptions=_of(enumAsString=FLAG, enableListInference=FLAG),
)
_DATASET = _of(
    datasetReference=_DATASET_REF,
    friendlyName=TEXT,
    description=TEXT,
    location=TEXT,
    labels=_LABELS,
    access=[_of(role=TEXT)],
    defaultTableExpirationMs=WHOLE,
    defaultPartitionExpirationMs=WHOLE,
    defaultCollation=TEXT,
    maxTimeTravelHours=WHOLE,
    isCaseInsensitive=FLAG,
)
_TABLE = _of(
    tableReference=_TABLE_REF,
    friendlyName=TEXT,
    description=TEXT,
    labels=_LABELS,
    schema=_SCHEMA,
    expirationTime=WHOLE,
    requirePartitionFilter=FLAG,
    view=_of(query=TEXT, useLegacySql=FLAG),
    materializedView=_of(query=TEXT),
    externalDataConfiguration=_EXTERNAL,
    defaultCollation=TEXT,
    **_LAYOUT,
)
_PARAMETER = _of(name=TEXT, parameterType=_parameter_type, parameterValue=_parameter_value)
_QUERY_PARTS: Mapping[str, Shape] = {
    "query": TEXT,
    "useLegacySql": FLAG,
    "useQueryCache": FLAG,
    "defaultDataset": _DATASET_REF,
    "maximumBytesBilled": WHOLE,
    "parameterMode": TEXT,
    "queryParameters": [_PARAMETER],
    "connectionProperties": [_of(key=TEXT, value=TEXT)],
    "createSession": FLAG,
}
_WRITE: Mapping[str, Shape] = {
    "destinationTable": _TABLE_REF,
    "createDisposition": TEXT,
    "writeDisposition": TEXT,
    "schemaUpdateOptions": [TEXT],
    "destinationEncryptionConfiguration": _of(kmsKeyName=TEXT),
}
_QUERY = _of(
    **_QUERY_PARTS,
    **_WRITE,
    **_LAYOUT,
    priority=TEXT,
    allowLargeResults=FLAG,
    flattenResults=FLAG,
    tableDefinitions=lambda: {MAP: _EXTERNAL},
    userDefinedFunctionResources=[_of(resourceUri=TEXT, inlineCode=TEXT)],
)
_LOAD = _of(
    **_WRITE,
    **_LAYOUT,
    sourceUris=[TEXT],
    sourceFormat=TEXT,
    schema=_SCHEMA,
    autodetect=FLAG,
    fieldDelimiter=TEXT,
    quote=TEXT,
    encoding=TEXT,
    nullMarker=TEXT,
    allowQuotedNewlines=FLAG,
    allowJaggedRows=FLAG,
    ignoreUnknownValues=FLAG,
    useAvroLogicalTypes=FLAG,
    projectionFields=[TEXT],
    decimalTargetTypes=[TEXT],
    destinationTableProperties=_of(friendlyName=TEXT, description=TEXT, labels=_LABELS),
    parquetOptions=_of(enumAsString=FLAG, enableListInference=FLAG),
    hivePartitioningOptions=_of(mode=TEXT, sourceUriPrefix=TEXT, requirePartitionFilter=FLAG),
    jsonExtension=TEXT,
)
_COPY = _of(**_WRITE, sourceTable=_TABLE_REF, sourceTables=[_TABLE_REF], operationType=TEXT)
_EXTRACT = _of(
    sourceTable=_TABLE_REF,
    sourceModel=_of(projectId=TEXT, datasetId=TEXT, modelId=TEXT),
    destinationUri=TEXT,
    destinationUris=[TEXT],
    destinationFormat=TEXT,
    compression=TEXT,
    fieldDelimiter=TEXT,
    printHeader=FLAG,
    useAvroLogicalTypes=FLAG,
)
_JOB = _of(
    jobReference=_of(projectId=TEXT, jobId=TEXT, location=TEXT),
    configuration=_of(
        query=_QUERY,
        load=_LOAD,
        copy=_COPY,
        extract=_EXTRACT,
        dryRun=FLAG,
        jobTimeoutMs=WHOLE,
        labels=_LABELS,
    ),
)
_REQUEST = _of(
    **_QUERY_PARTS,
    maxResults=WHOLE,
    timeoutMs=WHOLE,
    jobTimeoutMs=WHOLE,
    dryRun=FLAG,
    requestId=TEXT,
    location=TEXT,
    labels=_LABELS,
    jobCreationMode=TEXT,
    formatOptions=_of(useInt64Timestamp=FLAG, timestampOutputFormat=TEXT),
)
_ROWS = _of(
    rows=[_of(insertId=VALUE, json=lambda: {MAP: JSON})],
    skipInvalidRows=FLAG,
    ignoreUnknownValues=FLAG,
    templateSuffix=TEXT,
)
_ROUTINE = _of(
    routineReference=_of(projectId=TEXT, datasetId=TEXT, routineId=TEXT),
    routineType=TEXT,
    language=TEXT,
    description=TEXT,
    definitionBody=TEXT,
    importedLibraries=[TEXT],
    arguments=[_of(name=TEXT, argumentKind=TEXT, mode=TEXT, dataType=_data_type)],
    returnType=_data_type,
    determinismLevel=TEXT,
)
_POLICY = _of(
    policy=_of(version=WHOLE, etag=TEXT, bindings=[_of(role=TEXT, members=[TEXT], condition=JSON)])
)

BODIES: Mapping[str, Shape] = {
    "datasets.insert": _DATASET,
    "datasets.patch": _DATASET,
    "datasets.update": _DATASET,
    "tables.insert": _TABLE,
    "tables.patch": _TABLE,
    "tables.update": _TABLE,
    "tabledata.insertAll": _ROWS,
    "jobs.insert": _JOB,
    "jobs.query": _REQUEST,
    "routines.insert": _ROUTINE,
    "routines.update": _ROUTINE,
    "tables.setIamPolicy": _POLICY,
    "tables.testIamPermissions": _of(permissions=JSON),
}
