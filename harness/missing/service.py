"""Servers that source code opens and the harness has no private service for."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from harness.inspect.model import DATA

if TYPE_CHECKING:
    from harness.inspect.model import Use

SPARK = "Spark"
MAGE = "Mage's own server"
_OF_MAGE = re.compile(r"https?://[^/]+:6789(?:/|$)")
_PRODUCTS = {
    "azure_blob_storage": "Azure Blob Storage",
    "backblaze_b2": "Backblaze B2",
    "cassandra": "Cassandra",
    "chroma": "Chroma",
    "chromadb": "Chroma",
    "clickhouse": "ClickHouse",
    "clickhouse_connect": "ClickHouse",
    "clickhouse_driver": "ClickHouse",
    "confluent_kafka": "Kafka",
    "cx_Oracle": "Oracle",
    "elasticsearch": "Elasticsearch",
    "ftplib": "FTP",
    "kafka": "Kafka",
    "mlflow": "an MLflow server",
    "mongodb": "MongoDB",
    "motor": "MongoDB",
    "mssql": "SQL Server",
    "neo4j": "Neo4j",
    "opensearchpy": "OpenSearch",
    "oracledb": "Oracle",
    "paramiko": "SSH",
    "pymongo": "MongoDB",
    "pymssql": "SQL Server",
    "pyodbc": "a database by ODBC",
    "pyspark": SPARK,
    "redis": "Redis",
    "redshift": "Redshift",
    "simple_salesforce": "Salesforce",
    "smtplib": "SMTP",
    "snowflake": "Snowflake",
}


def product(use: Use) -> str:
    """The name of the server that something in the source needs; empty where it is provided for.

    Args:
        use: What the source names.
    """
    if use.kind == "url" and _OF_MAGE.match(use.value or use.name):
        return MAGE
    if use.service != "other" or use.kind not in (*DATA, "connection"):
        return ""
    if use.client == "sqlalchemy":
        return "this kind of database"
    module = use.client.removeprefix("mage_ai.io.")
    return _PRODUCTS.get(module, module.capitalize())


def unsupported(name: str) -> str:
    """Why a server cannot be had, and what to do about it; empty where it might be there.

    Args:
        name: Its name, as of `product`.
    """
    if name == SPARK:
        # A local Spark needs nothing else, and is not kept from running.
        return "" if shutil.which("java") else _SPARK
    if name == MAGE:
        return _OWN
    return (
        f"{name} is not supported yet, because there is no private service for it: test the "
        "pipeline without this block, or let the run reach a server of your own, with "
        'allow = ["HOST:PORT"] under [tool.mage-harness]'
    )


_OWN = (
    "a run has no server of Mage's own, which is asked for at port 6789: start the other pipeline "
    "by trigger_pipeline, or test the pipeline without this block"
)
_SPARK = (
    "Spark is not supported yet, because it needs Java, which this machine has not: install a Java "
    "runtime, or test the pipeline without this block"
)
