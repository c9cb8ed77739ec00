"""ORC, read by Arrow; types are converted as BigQuery's "Loading ORC data" says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.loads.load_bad import READING, Staged
from harness.bigquery.loads.load_columns import staged_from_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.database import Database
    from harness.bigquery.loads.loads import Source
    from harness.bigquery.types import Field


def stage(
    database: Database,
    files: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> Staged:
    """Read files into a new DuckDB table.

    Args:
        database: Holds the rows.
        files: The files.
        configuration: The JobConfigurationLoad.
        wanted: The columns of the job's schema, or None.

    Raises:
        ApiError: A file cannot be read, or does not agree with the schema.
    """
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import orc  # noqa: PLC0415

    try:
        content = pa.concat_tables([orc.read_table(str(path)) for path in files.paths])
    except (pa.ArrowException, OSError) as error:
        raise ApiError("invalid", f"{READING} Input file is not in ORC format.") from error
    return staged_from_arrow(
        database,
        content,
        configuration=configuration,
        wanted=wanted,
        targets=("NUMERIC", "STRING"),
        kind="ORC",
    )
