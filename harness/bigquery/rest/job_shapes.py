"""Jobs and queries of the REST reference as shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.rest.shape_parts import (
    DATASET_REF,
    EXTERNAL,
    FLAG,
    LABELS,
    LAYOUT,
    MAP,
    SCHEMA,
    TABLE_REF,
    TEXT,
    VALUE,
    WHOLE,
    of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.rest.shape_parts import Shape


def _parameter_type() -> Mapping[str, Shape]:
    part = of(name=TEXT, type=_parameter_type, description=TEXT)
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
        "rangeValue": of(start=_parameter_value, end=_parameter_value),
    }


_PARAMETER = of(name=TEXT, parameterType=_parameter_type, parameterValue=_parameter_value)
_QUERY_PARTS: Mapping[str, Shape] = {
    "query": TEXT,
    "useLegacySql": FLAG,
    "useQueryCache": FLAG,
    "defaultDataset": DATASET_REF,
    "maximumBytesBilled": WHOLE,
    "parameterMode": TEXT,
    "queryParameters": [_PARAMETER],
    "connectionProperties": [of(key=TEXT, value=TEXT)],
    "createSession": FLAG,
}
_WRITE: Mapping[str, Shape] = {
    "destinationTable": TABLE_REF,
    "createDisposition": TEXT,
    "writeDisposition": TEXT,
    "schemaUpdateOptions": [TEXT],
    "destinationEncryptionConfiguration": of(kmsKeyName=TEXT),
}
_QUERY = of(
    **_QUERY_PARTS,
    **_WRITE,
    **LAYOUT,
    priority=TEXT,
    allowLargeResults=FLAG,
    flattenResults=FLAG,
    tableDefinitions=lambda: {MAP: EXTERNAL},
    userDefinedFunctionResources=[of(resourceUri=TEXT, inlineCode=TEXT)],
)
_LOAD = of(
    **_WRITE,
    **LAYOUT,
    sourceUris=[TEXT],
    sourceFormat=TEXT,
    schema=SCHEMA,
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
    destinationTableProperties=of(friendlyName=TEXT, description=TEXT, labels=LABELS),
    parquetOptions=of(enumAsString=FLAG, enableListInference=FLAG),
    hivePartitioningOptions=of(mode=TEXT, sourceUriPrefix=TEXT, requirePartitionFilter=FLAG),
    jsonExtension=TEXT,
)
_COPY = of(**_WRITE, sourceTable=TABLE_REF, sourceTables=[TABLE_REF], operationType=TEXT)
_EXTRACT = of(
    sourceTable=TABLE_REF,
    sourceModel=of(projectId=TEXT, datasetId=TEXT, modelId=TEXT),
    destinationUri=TEXT,
    destinationUris=[TEXT],
    destinationFormat=TEXT,
    compression=TEXT,
    fieldDelimiter=TEXT,
    printHeader=FLAG,
    useAvroLogicalTypes=FLAG,
)
JOB = of(
    jobReference=of(projectId=TEXT, jobId=TEXT, location=TEXT),
    configuration=of(
        query=_QUERY,
        load=_LOAD,
        copy=_COPY,
        extract=_EXTRACT,
        dryRun=FLAG,
        jobTimeoutMs=WHOLE,
        labels=LABELS,
    ),
)
REQUEST = of(
    **_QUERY_PARTS,
    maxResults=WHOLE,
    timeoutMs=WHOLE,
    jobTimeoutMs=WHOLE,
    dryRun=FLAG,
    requestId=TEXT,
    location=TEXT,
    labels=LABELS,
    jobCreationMode=TEXT,
    formatOptions=of(useInt64Timestamp=FLAG, timestampOutputFormat=TEXT),
)
