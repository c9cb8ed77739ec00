"""BigQuery's views as files: one that reads another is made after it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.services.stack import Stack


def write(queries: Mapping[str, str], file: Path) -> None:
    """Write views into a file; no file where there are none.

    Args:
        queries: For each view as ``dataset.view``, its query.
        file: The file.
    """
    if queries:
        file.write_text(json.dumps(queries, indent=1, sort_keys=True) + "\n", "utf-8")


def bring_back(stack: Stack, file: Path) -> None:
    """Make the views of a file.

    Args:
        stack: The services, with the tables that the views read.
        file: The file; it need not be there.

    Raises:
        InputError: BigQuery does not take one.
    """
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415
    from google.cloud import bigquery  # noqa: PLC0415

    if not file.is_file():
        return
    left = dict(json.loads(file.read_text("utf-8")))
    with closing(stack.bigquery.client()) as client:
        while left:
            refused: dict[str, GoogleAPIError] = {}
            for name, query in left.items():
                view = bigquery.Table(f"{client.project}.{name}")
                view.view_query = query
                try:
                    client.create_table(view)
                except GoogleAPIError as error:
                    refused[name] = error
            if len(refused) == len(left):
                name, first = next(iter(refused.items()))
                raise InputError(
                    f"the view {name} of the bundle cannot be brought back",
                    cause=str(first),
                    remedy="have the bundle made anew",
                ) from first
            left = {name: left[name] for name in refused}
