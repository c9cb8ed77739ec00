"""The bodies of the REST reference as shapes, by operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.rest.job_shapes import JOB, REQUEST
from harness.bigquery.rest.shape_parts import (
    DATASET_REF,
    EXTERNAL,
    FLAG,
    JSON,
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


def _data_type() -> Mapping[str, Shape]:
    part = of(name=TEXT, type=_data_type)
    return {
        "typeKind": TEXT,
        "arrayElementType": _data_type,
        "structType": of(fields=[part]),
        "rangeElementType": _data_type,
    }


_DATASET = of(
    datasetReference=DATASET_REF,
    friendlyName=TEXT,
    description=TEXT,
    location=TEXT,
    labels=LABELS,
    access=[of(role=TEXT)],
    defaultTableExpirationMs=WHOLE,
    defaultPartitionExpirationMs=WHOLE,
    defaultCollation=TEXT,
    maxTimeTravelHours=WHOLE,
    isCaseInsensitive=FLAG,
)
_TABLE = of(
    tableReference=TABLE_REF,
    friendlyName=TEXT,
    description=TEXT,
    labels=LABELS,
    schema=SCHEMA,
    expirationTime=WHOLE,
    requirePartitionFilter=FLAG,
    view=of(query=TEXT, useLegacySql=FLAG),
    materializedView=of(query=TEXT),
    externalDataConfiguration=EXTERNAL,
    defaultCollation=TEXT,
    **LAYOUT,
)
_ROWS = of(
    rows=[of(insertId=VALUE, json=lambda: {MAP: JSON})],
    skipInvalidRows=FLAG,
    ignoreUnknownValues=FLAG,
    templateSuffix=TEXT,
)
_ROUTINE = of(
    routineReference=of(projectId=TEXT, datasetId=TEXT, routineId=TEXT),
    routineType=TEXT,
    language=TEXT,
    description=TEXT,
    definitionBody=TEXT,
    importedLibraries=[TEXT],
    arguments=[of(name=TEXT, argumentKind=TEXT, mode=TEXT, dataType=_data_type)],
    returnType=_data_type,
    determinismLevel=TEXT,
)
_POLICY = of(
    policy=of(version=WHOLE, etag=TEXT, bindings=[of(role=TEXT, members=[TEXT], condition=JSON)])
)

BODIES: Mapping[str, Shape] = {
    "datasets.insert": _DATASET,
    "datasets.patch": _DATASET,
    "datasets.update": _DATASET,
    "tables.insert": _TABLE,
    "tables.patch": _TABLE,
    "tables.update": _TABLE,
    "tabledata.insertAll": _ROWS,
    "jobs.insert": JOB,
    "jobs.query": REQUEST,
    "routines.insert": _ROUTINE,
    "routines.update": _ROUTINE,
    "tables.setIamPolicy": _POLICY,
    "tables.testIamPermissions": of(permissions=JSON),
}
