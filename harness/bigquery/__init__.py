"""A BigQuery that starts at once and keeps partitions as facts."""

from harness.bigquery.faults import Fault
from harness.bigquery.log import CallRecord, QueryRecord
from harness.bigquery.server import BigQueryServer
from harness.bigquery.sqlglot_sources import prefer_sources

__all__ = ["BigQueryServer", "CallRecord", "Fault", "QueryRecord"]

prefer_sources()
