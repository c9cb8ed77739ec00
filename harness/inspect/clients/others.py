"""Servers that the harness has no stand-in for: they are named, so that nobody is surprised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, rule
from harness.inspect.values import text

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


@rule(
    r"(?P<library>pymongo|motor|redis|snowflake|kafka|confluent_kafka|elasticsearch|opensearchpy|pyodbc"
    r"|oracledb|cx_Oracle|pymssql|clickhouse_connect|clickhouse_driver|smtplib|paramiko|ftplib"
    r"|cassandra|neo4j|hvac|simple_salesforce|databricks|trino|pinecone|chromadb|weaviate)"
    r"(?:\.\w+)*\.(?:MongoClient|AsyncIOMotorClient|Redis|StrictRedis|from_url|connect|KafkaProducer"
    r"|KafkaConsumer|Producer|Consumer|Elasticsearch|OpenSearch|get_client|Client|SMTP|SMTP_SSL|FTP"
    r"|SSHClient|Cluster|GraphDatabase\.driver|Salesforce|HttpClient)"
)
def _server(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    named = call.texts(0, "host", "hosts", "url", "account", "server", "bootstrap_servers")
    for name in named or [text(found["library"])]:
        yield Sighting(
            kind="connection", name=name, access="opens", client=found["library"], service="other"
        )


@rule(r"pyspark\..*(?:\.getOrCreate|\bSparkContext)")
def _spark(_call: Call, _found: re.Match[str]) -> Iterator[Sighting]:
    yield Sighting(
        kind="connection", name=text("Spark"), access="opens", client="pyspark", service="other"
    )


@rule(r"mlflow\.(?:set_tracking_uri|set_registry_uri|(?:tracking\.)?MlflowClient)")
def _mlflow(call: Call, _found: re.Match[str]) -> Iterator[Sighting]:
    for name in call.texts(0, "uri", "tracking_uri"):
        # Others are folders and files of the run's own.
        if name.shown.startswith(("http:", "https:")):
            yield Sighting(
                kind="connection", name=name, access="opens", client="mlflow", service="other"
            )


@rule(r"(?P<library>kaggle|yfinance|tweepy|praw|openai|googleapiclient|selenium|playwright)\..*")
def _service(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    if call.path.count("()") == 0:
        yield Sighting(
            kind="connection",
            name=text(found["library"]),
            access="opens",
            client=found["library"],
            service="http",
        )


OTHERS = (_server, _spark, _mlflow, _service)
