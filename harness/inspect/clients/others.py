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


OTHERS = (_server, _service)
