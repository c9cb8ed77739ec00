"""Bad input for the BigQuery stub, made from good input; and what must hold whatever comes.

Everything is drawn from a ``random.Random``, which hypothesis can give: the same seed, the same input.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet

from harness.bigquery import BigQueryServer

CORPUS = Path(__file__).parent / "bigquery_corpus"
ROOT = "/bigquery/v2/projects/p"
UPLOAD = "/upload/bigquery/v2/projects/p/jobs"
COLUMNS = [{"name": "a", "type": "INTEGER"}, {"name": "b", "type": "STRING"}]
TABLE = {"projectId": "p", "datasetId": "d", "tableId": "t"}
NESTED = {
    "name": "r",
    "type": "RECORD",
    "mode": "REPEATED",
    "fields": [{"name": "x", "type": "NUMERIC"}, {"name": "y", "type": "TIMESTAMP"}],
}


class Wire:
    """A stub with some tables, spoken to without a socket."""

    def __init__(self) -> None:
        self.server = BigQueryServer()
        self.server.start()
        self.fill()

    def fill(self) -> None:
        """The same content again."""
        self.server.reset()
        self.must("POST", "/datasets", {"datasetReference": {"datasetId": "d"}})
        for name, more in (
            ("t", {}),
            ("parts", {"timePartitioning": {"type": "DAY"}}),
            ("nested", {}),
        ):
            fields = [*COLUMNS, NESTED] if name == "nested" else COLUMNS
            table = {"tableReference": {"tableId": name}, "schema": {"fields": fields}, **more}
            self.must("POST", "/datasets/d/tables", table)
        self.must(
            "POST",
            "/datasets/d/tables/t/insertAll",
            {"rows": [{"json": {"a": number, "b": str(number)}} for number in range(5)]},
        )
        self.must("POST", "/queries", _query("CREATE VIEW d.v AS SELECT a FROM d.t"))

    def must(self, method, path, body):
        status, answer = self.ask(method, ROOT + path, body=json.dumps(body).encode())
        assert status < 300, answer
        return answer

    def ask(self, method, path, *, query="", body=b"", headers=()):
        """Status and body of one call."""
        answer = self.reply(method, path, query=query, body=body, headers=headers)
        return answer.status, answer.body

    def reply(self, method, path, *, query="", body=b"", headers=()):
        scope = {
            "method": method,
            "raw_path": path.encode("utf-8", "surrogatepass"),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers],
        }
        return self.server._running.application._answer(scope, body)[0]

    def state(self):
        """All that a client could see of the tables, and how many DuckDB keeps."""
        datasets, tables = self.server.catalog.facts()
        shown = {
            ref: (one.fields, one.rows, one.partitions, one.view, dict(one.kept), self._sum(one))
            for ref, one in tables.items()
            if ref.dataset[0] != "_"
        }
        return {name: dict(one.kept) for name, one in datasets.items() if name[1][0] != "_"}, shown

    def leaked(self):
        """DuckDB's tables that no entry names."""
        _, tables = self.server.catalog.facts()
        known = {one.rows_in for one in tables.values()}
        with self.server.catalog.database.cursor() as cursor:
            found = cursor.execute(
                "SELECT 'rows.' || table_name FROM duckdb_tables() WHERE schema_name = 'rows'"
            ).fetchall()
        return {name for (name,) in found} - known

    def _sum(self, table):
        if table.view is not None:
            return None
        return self.server.catalog.database.scalar(
            f"SELECT sum(hash(one)) FROM {table.rows_in} AS one"
        )

    def close(self) -> None:
        self.server.stop()


def checked(status, body):
    """Whether a call failed; its answer is in BigQuery's shape, or an AssertionError tells."""
    text = body.decode("utf-8")
    assert "stub itself failed" not in text, text
    assert "Traceback" not in text, text
    if status in (204, 308):
        return False
    content = json.loads(body)
    if status >= 400:
        error = content["error"]
        assert status not in (500, 502, 503), text
        assert error["code"] == status, text
        assert error["errors"][0]["reason"], text
        assert isinstance(error["message"], str), text
        assert error["message"], text
        return True
    assert status == 200, (status, text)
    failed = content.get("status")
    if isinstance(failed, dict) and failed.get("errorResult"):
        assert failed["errorResult"]["reason"], text
        assert failed["errorResult"]["message"], text
        return True
    return False


def _query(sql, **more):
    return {"query": sql, "useLegacySql": False, **more}


def _job(**configuration):
    return {"configuration": configuration, "jobReference": {"projectId": "p", "location": "US"}}


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
        _query(
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
        _job(
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
        _job(
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
        _job(
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
        _job(
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
SCALARS = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    -(2**63),
    1e308,
    "",
    " ",
    "x",
    "0",
    "-1",
    "1e3",
    "a.b",
    "d",
    "t",
    "t$20240101",
    "t$x",
    "$",
    "DAY",
    "RECORD",
    "STRING",
    "NUMERIC(1,2)",
    "GEOGRAPHY",
    "REPEATED",
    "INT64",
    "é'\"`;--\\\n",
    "\x00",
    "\ud800",
    "x" * 70_000,
    "٣",
    "NaN",
    "1" * 400,
    "<deep>",
)
# What no Python value can be made to hold.
_DEEP = b'{"fields":[' * 3000 + b"]}" * 3000


def junk(random, depth=0):
    """Any value that JSON can have."""
    kind = random.randrange(8 if depth < 4 else 6)
    if kind == 6:
        return [junk(random, depth + 1) for _ in range(random.randrange(4))]
    if kind == 7:
        keys = ("name", "type", "fields", "query", "value", "x", "")
        return {random.choice(keys): junk(random, depth + 1) for _ in range(random.randrange(4))}
    return random.choice(SCALARS)


def spoiled(random, body):
    """A body with one to three parts replaced, left out or doubled."""
    body = copy.deepcopy(body)
    for _ in range(random.randrange(1, 4)):
        holder, key = random.choice(list(_places(body)) or [(None, None)])
        if holder is None:
            return junk(random)
        action = random.randrange(5)
        if action == 0:
            del holder[key]
        elif action == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = junk(random)
    return body


def _places(value):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(items):
        yield value, key
        if isinstance(part, dict | list):
            yield from _places(part)


def as_bytes(body):
    """JSON, some of it nested deeper than any reader follows."""
    return json.dumps(body).encode().replace(b'"<deep>"', _DEEP)


def parameters(random):
    """A query string of known names and any values."""
    names = [random.choice(QUERIES) for _ in range(random.randrange(4))]
    values = ("", "0", "-1", "x", "1", "99999999999999999999", "true", "a,b", "%00", "%ff", "²")
    return "&".join(f"{name}={random.choice(values)}" for name in names)


@cache
def statements():
    """The statements of the corpus."""
    found = []
    for chapter in sorted(CORPUS.glob("*.txt")):
        for line in chapter.read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("# "):
                bare = re.split(r" (?:=>|!!|##) ", line.removeprefix("> "))[0]
                whole = bare.upper().startswith(("SELECT", "WITH", "("))
                found.append(bare if whole or line.startswith("> ") else f"SELECT {bare}")
    return tuple(found)


_TOKEN = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*|[0-9.]+|'[^']*'|\s+|.", re.DOTALL)


@cache
def tokens():
    """The words and signs of the corpus, those seen often not more than others."""
    found = {token for one in statements() for token in _TOKEN.findall(one) if token.strip()}
    return (*sorted(found), "\x00", "é", "'", '"""', "`", "/*", "--", "@@x", "?", ";", "1e999")


def nonsense(random):
    """A statement of the corpus with some words changed, or words in any order."""
    if random.randrange(4) == 0:
        return " ".join(random.choice(tokens()) for _ in range(random.randrange(1, 15)))
    words = _TOKEN.findall(random.choice(statements()))
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(words) + 1)
        action = random.randrange(6)
        if action == 0:
            words[place : place + random.randrange(1, 3)] = []
        elif action == 1:
            words.insert(place, random.choice(tokens()))
        elif action == 2 and place < len(words):
            words[place] = random.choice(tokens())
        elif action == 3:
            words = words[:place]
        elif action == 4:
            other = _TOKEN.findall(random.choice(statements()))
            words = words[:place] + other[random.randrange(len(other)) :]
        else:
            words.insert(place, words[random.randrange(len(words))] if words else "(")
        words = words or ["x"]
    return "".join(words)


@cache
def files():
    """A file of each format with the columns of ``d.t``."""
    import fastavro

    rows = [{"a": number, "b": f"text {number}"} for number in range(40)]
    table = pa.Table.from_pylist(rows)
    parquet, orc, text, avro = io.BytesIO(), io.BytesIO(), io.StringIO(), io.BytesIO()
    pa.parquet.write_table(table, parquet)
    pa.orc.write_table(table, orc)
    csv.writer(text).writerows(list(row.values()) for row in rows)
    types = {"a": "long", "b": "string"}
    schema = {
        "type": "record",
        "name": "r",
        "fields": [{"name": name, "type": ["null", types[name]]} for name in types],
    }
    fastavro.writer(avro, schema, rows, codec="deflate")
    lines = "\n".join(map(json.dumps, rows))
    return {
        "PARQUET": parquet.getvalue(),
        "ORC": orc.getvalue(),
        "CSV": text.getvalue().encode(),
        "NEWLINE_DELIMITED_JSON": lines.encode(),
        "AVRO": avro.getvalue(),
    }


def damaged(random, content):
    """A file that is cut, or some of whose bytes are others."""
    content = bytearray(content)
    if random.randrange(2):
        del content[random.randrange(len(content)) :]
    for _ in range(random.choice((0, 1, 1, 8))):
        if content:
            content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content)


def load_job(kind, *, new=False, autodetect=False, **more):
    """The job that loads a file into ``d.t``, or into a new table."""
    load = {
        "destinationTable": {**TABLE, "tableId": "fresh"} if new else TABLE,
        "sourceFormat": kind,
        **({"autodetect": True} if autodetect else {"schema": {"fields": COLUMNS}}),
        **more,
    }
    return _job(load=load)


def multipart(job, content):
    """The body of a multipart upload, as the client writes it."""
    return (
        b"--==0==\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n"
        + as_bytes(job)
        + b"\r\n--==0==\r\ncontent-type: */*\r\n\r\n"
        + content
        + b"\r\n--==0==--"
    )


MULTIPART = (("content-type", 'multipart/related; boundary="==0=="'),)
