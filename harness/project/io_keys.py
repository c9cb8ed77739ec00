"""The keys of io_config.yaml and the services that they belong to.

From ``ConfigKey``, ``VerboseConfigKey`` and ``ConfigFileLoader.KEY_MAP`` of mage-ai 0.9.80
(mage_ai/io/config.py).
"""

from __future__ import annotations

# In the older, nested format Mage looks for a key at this path, and nowhere else.
NESTED = {
    "AWS_ACCESS_KEY_ID": ("AWS", "access_key_id"),
    "AWS_REGION": ("AWS", "region"),
    "AWS_SECRET_ACCESS_KEY": ("AWS", "secret_access_key"),
    "AWS_SESSION_TOKEN": ("AWS", "session_token"),
    "DUCKDB_DATABASE": ("Duck DB", "database"),
    "DUCKDB_SCHEMA": ("Duck DB", "schema"),
    "GOOGLE_LOCATION": ("BigQuery", "location"),
    "GOOGLE_SERVICE_ACC_KEY": ("BigQuery", "credentials_mapping"),
    "GOOGLE_SERVICE_ACC_KEY_FILEPATH": ("BigQuery", "path_to_credentials"),
    "POSTGRES_DBNAME": ("PostgreSQL", "database"),
    "POSTGRES_HOST": ("PostgreSQL", "host"),
    "POSTGRES_PASSWORD": ("PostgreSQL", "password"),
    "POSTGRES_PORT": ("PostgreSQL", "port"),
    "POSTGRES_SCHEMA": ("PostgreSQL", "schema"),
    "POSTGRES_USER": ("PostgreSQL", "user"),
}
# One of these in a profile makes Mage read the whole profile in the nested format.
SECTIONS = {
    "AWS": "AWS",
    "Airtable": "AIRTABLE",
    "Algolia": "ALGOLIA",
    "Backblaze B2": "B2",
    "BigQuery": "GOOGLE",
    "Chroma": "CHROMA",
    "ClickHouse": "CLICKHOUSE",
    "Druid": "DRUID",
    "Duck DB": "DUCKDB",
    "Pinot": "PINOT",
    "PostgreSQL": "POSTGRES",
    "Qdrant": "QDRANT",
    "Redshift": "REDSHIFT",
    "Snowflake": "SNOWFLAKE",
    "Spark": "SPARK",
    "Weaviate": "WEAVIATE",
}
# For a module of mage_ai.io, the families of keys that it reads.
MODULES = {
    "airtable": ("AIRTABLE",),
    "algolia": ("ALGOLIA",),
    "azure_blob_storage": ("AZURE",),
    "backblaze_b2": ("B2",),
    "bigquery": ("GOOGLE",),
    "chroma": ("CHROMA",),
    "clickhouse": ("CLICKHOUSE",),
    "druid": ("DRUID",),
    "duckdb": ("DUCKDB", "MOTHERDUCK"),
    "google_cloud_storage": ("GOOGLE",),
    "google_sheets": ("GOOGLE",),
    "mongodb": ("MONGODB",),
    "mssql": ("MSSQL",),
    "mysql": ("MYSQL",),
    "oracledb": ("ORACLEDB",),
    "pinot": ("PINOT",),
    "postgres": ("POSTGRES",),
    "qdrant": ("QDRANT",),
    "redshift": ("REDSHIFT", "AWS"),
    "s3": ("AWS",),
    "snowflake": ("SNOWFLAKE",),
    "spark": ("SPARK",),
    "sqlserver": ("MSSQL",),
    "trino": ("TRINO",),
    "weaviate": ("WEAVIATE",),
}


def family(key: str) -> str:
    """The service that a key belongs to: ``POSTGRES`` for ``POSTGRES_HOST``."""
    return key.split("_", 1)[0]
