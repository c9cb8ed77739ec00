"""A BigQuery that starts at once and keeps partitions as facts."""

from harness.bigquery.faults import Fault
from harness.bigquery.log import CallRecord, QueryRecord
from harness.bigquery.server import BigQueryServer

__all__ = ["BigQueryServer", "CallRecord", "Fault", "QueryRecord"]
