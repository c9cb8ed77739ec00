"""A stub that is spoken to without a socket, and what must hold whatever comes."""

from __future__ import annotations

import json

from harness.bigquery import BigQueryServer

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
        self.must("POST", "/queries", query_of("CREATE VIEW d.v AS SELECT a FROM d.t"))

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


def query_of(sql, **more):
    return {"query": sql, "useLegacySql": False, **more}


def job_of(**configuration):
    return {"configuration": configuration, "jobReference": {"projectId": "p", "location": "US"}}
