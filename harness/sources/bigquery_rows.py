"""The rows of a table of a BigQuery, or of what a view shows, within the limits of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.services.given.bigquery_client import asked
from harness.sources.limits import NotKeptError

if TYPE_CHECKING:
    import pyarrow as pa
    from google.api_core.retry import Retry
    from google.cloud import bigquery

    from harness.sources.limits import Limits

PLAIN = "TABLE"
"""The type of a table that is no view."""
_TOO_DEAR = "bytesBilledLimitExceeded"


def rows_of(
    client: bigquery.Client, table: bigquery.Table, *, limits: Limits, seconds: float
) -> pa.Table:
    """All rows.

    Args:
        client: Google's client of the BigQuery.
        table: The table or view.
        limits: What may be read.
        seconds: How long a query for what a view shows may take.

    Raises:
        NotKeptError: A view shows too much, costs too much or takes too long.
    """
    with asked() as retry:
        if table.table_type != PLAIN:
            table = _shown_by(client, table, retry, limits=limits, seconds=seconds)
        return client.list_rows(table, retry=retry).to_arrow(create_bqstorage_client=False)


def _shown_by(
    client: bigquery.Client,
    view: bigquery.Table,
    retry: Retry,
    *,
    limits: Limits,
    seconds: float,
) -> bigquery.Table:
    """The table of what a view shows, which must be within the limits as any other."""
    from google.api_core.exceptions import GoogleAPICallError  # noqa: PLC0415
    from google.cloud.bigquery import QueryJobConfig  # noqa: PLC0415

    config = QueryJobConfig(
        maximum_bytes_billed=limits.billed, job_timeout_ms=int(seconds * 1000) + 1
    )
    name = f"`{view.project}.{view.dataset_id}.{view.table_id}`"
    try:
        job = client.query(
            f"SELECT * FROM {name}",  # noqa: S608
            job_config=config,
            retry=retry,
            job_retry=None,
        )
        job.result(retry=retry, timeout=seconds, max_results=0)
    except GoogleAPICallError as error:
        if any(one.get("reason") == _TOO_DEAR for one in error.errors):
            raise NotKeptError(
                f"to read it is billed for more than {limits.billed >> 20} MiB: leave it out "
                "with --without, or raise --limit"
            ) from error
        raise
    except TimeoutError as error:
        raise NotKeptError(
            f"it took more than {seconds:g} s: leave it out with --without, or raise --deadline"
        ) from error
    made = client.get_table(job.destination, retry=retry)
    limits.check_read(rows=int(made.num_rows or 0), size=int(made.num_bytes or 0))
    return made
