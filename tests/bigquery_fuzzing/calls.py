"""Good calls of REST, to be spoiled."""

from __future__ import annotations

from tests.bigquery_fuzzing.wire import COLUMNS, NESTED, TABLE, job_of, query_of

BODIES = (
    ("POST", "/datasets", {"datasetReference": {"datasetId": "new"}, "labels": {"a": "b"}}),
    ("PATCH", "/datasets/d", {"description": "x", "defaultTableExpirationMs": "3600000"}),
    ("PUT", "/datasets/d", {"datasetReference": {"datasetId": "d"}, "access": [{"role": "OWNER"}]}),
    (
        "POST",
        "/datasets/d/tables",
        {
            "tableReference": {"projectId": "p", "datasetId": "d", "tableId": "new"},
            "schema": {"fields": [*COLUMNS, NESTED]},
            "timePartitioning": {"type": "DAY", "field": "y", "expirationMs": "1000000"},
            "clustering": {"fields": ["a"]},
            "labels": {"k": "v"},
            "description": "x",
            "friendlyName": "y",
            "expirationTime": "99999999999999",
        },
    ),
    (
        "POST",
        "/datasets/d/tables",
        {
            "tableReference": {"tableId": "ranged"},
            "schema": {"fields": COLUMNS},
            "rangePartitioning": {
                "field": "a",
                "range": {"start": "0", "end": "100", "interval": "10"},
            },
        },
    ),
    (
        "POST",
        "/datasets/d/tables",
        {
            "tableReference": {"tableId": "view"},
            "view": {"query": "SELECT 1 AS a", "useLegacySql": False},
        },
    ),
    ("PATCH", "/datasets/d/tables/t", {"schema": {"fields": [*COLUMNS, NESTED]}, "labels": {}}),
    ("PUT", "/datasets/d/tables/t", {"schema": {"fields": COLUMNS}, "description": "z"}),
    ("PATCH", "/datasets/d/tables/v", {"view": {"query": "SELECT 2 AS a", "useLegacySql": False}}),
    (
        "POST",
        "/datasets/d/tables/nested/insertAll",
        {
            "ignoreUnknownValues": True,
            "skipInvalidRows": True,
            "templateSuffix": "x",
            "rows": [
                {"insertId": "1", "json": {"a": 1, "b": "x", "r": [{"x": "1.5", "y": 1.5}]}},
                {"json": {"a": "2", "b": None}},
            ],
        },
    ),
    ("POST", "/datasets/d/tables/parts/insertAll", {"rows": [{"json": {"a": 1, "b": "x"}}]}),
    (
        "POST",
        "/queries",
        query_of(
            "SELECT a, @p AS p FROM t WHERE b = @q",
            parameterMode="NAMED",
            defaultDataset={"projectId": "p", "datasetId": "d"},
            maxResults=2,
            timeoutMs=100,
            requestId="r",
            location="US",
            formatOptions={"useInt64Timestamp": True},
            labels={"a": "b"},
            maximumBytesBilled="100000000000",
            queryParameters=[
                {
                    "name": "p",
                    "parameterType": {
                        "type": "ARRAY",
                        "arrayType": {
                            "type": "STRUCT",
                            "structTypes": [{"name": "x", "type": {"type": "INT64"}}],
                        },
                    },
                    "parameterValue": {"arrayValues": [{"structValues": {"x": {"value": "1"}}}]},
                },
                {
                    "name": "q",
                    "parameterType": {"type": "STRING"},
                    "parameterValue": {"value": "1"},
                },
            ],
        ),
    ),
    (
        "POST",
        "/jobs",
        job_of(
            query={
                "query": "SELECT a, b FROM d.t",
                "useLegacySql": False,
                "destinationTable": {**TABLE, "tableId": "out"},
                "writeDisposition": "WRITE_TRUNCATE",
                "createDisposition": "CREATE_IF_NEEDED",
                "schemaUpdateOptions": ["ALLOW_FIELD_ADDITION"],
                "timePartitioning": {"type": "DAY"},
                "clustering": {"fields": ["a"]},
                "priority": "INTERACTIVE",
                "useQueryCache": True,
            },
            labels={"a": "b"},
            jobTimeoutMs="1000",
            dryRun=False,
        ),
    ),
    (
        "POST",
        "/jobs",
        job_of(
            copy={
                "sourceTables": [TABLE],
                "destinationTable": {**TABLE, "tableId": "copied"},
                "writeDisposition": "WRITE_APPEND",
                "createDisposition": "CREATE_IF_NEEDED",
                "operationType": "COPY",
            }
        ),
    ),
    (
        "POST",
        "/jobs",
        job_of(
            extract={
                "sourceTable": TABLE,
                "destinationUris": ["gs://none/x-*.csv"],
                "destinationFormat": "CSV",
                "compression": "GZIP",
                "fieldDelimiter": ",",
                "printHeader": True,
            }
        ),
    ),
    (
        "POST",
        "/jobs",
        job_of(
            load={
                "sourceUris": ["gs://none/x.csv"],
                "destinationTable": TABLE,
                "sourceFormat": "CSV",
                "schema": {"fields": COLUMNS},
            }
        ),
    ),
    (
        "POST",
        "/datasets/d/routines",
        {
            "routineReference": {"projectId": "p", "datasetId": "d", "routineId": "f"},
            "routineType": "SCALAR_FUNCTION",
            "language": "SQL",
            "definitionBody": "x + 1",
            "arguments": [{"name": "x", "dataType": {"typeKind": "INT64"}}],
        },
    ),
    ("POST", "/datasets/d/tables/t:setIamPolicy", {"policy": {"bindings": [{"role": "r"}]}}),
    ("POST", "/datasets/d/tables/t:testIamPermissions", {"permissions": ["a"]}),
    ("POST", "/datasets/d:undelete", {}),
)
PATHS = (
    ("GET", "/datasets"),
    ("GET", "/datasets/d"),
    ("GET", "/datasets/d/tables"),
    ("GET", "/datasets/d/tables/t"),
    ("GET", "/datasets/d/tables/t/data"),
    ("GET", "/datasets/d/tables/parts$20240101/data"),
    ("GET", "/datasets/d/tables/parts$__PARTITIONS_SUMMARY__/data"),
    ("GET", "/datasets/d/tables/v"),
    ("GET", "/datasets/d/routines"),
    ("GET", "/datasets/d/models"),
    ("GET", "/datasets/d/tables/t/rowAccessPolicies"),
    ("GET", "/jobs"),
    ("GET", "/jobs/none"),
    ("POST", "/jobs/none/cancel"),
    ("DELETE", "/jobs/none/delete"),
    ("GET", "/queries/none"),
    ("GET", "/serviceAccount"),
    ("DELETE", "/datasets/d"),
    ("DELETE", "/datasets/d/tables/none"),
    ("DELETE", "/datasets/d/tables/parts$2024"),
)
QUERIES = (
    "maxResults",
    "pageToken",
    "startIndex",
    "selectedFields",
    "formatOptions.useInt64Timestamp",
    "location",
    "all",
    "filter",
    "stateFilter",
    "minCreationTime",
    "projection",
    "parentJobId",
    "deleteContents",
    "timeoutMs",
    "uploadType",
    "upload_id",
    "view",
)
