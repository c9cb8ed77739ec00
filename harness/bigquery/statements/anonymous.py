"""The dataset that no client lists: answers of queries, and the temporary tables of scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.entries import HIDDEN, Dataset, TableRef, now_ms
from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog


def anonymous_ref(catalog: Catalog, project: str, name: str) -> TableRef:
    """A table of the hidden dataset, which is made where it is not there yet."""
    with catalog.lock:
        try:
            catalog.dataset(project, HIDDEN)
        except ApiError:
            moment = now_ms()
            catalog.add_dataset(
                Dataset(
                    project=project,
                    name=HIDDEN,
                    location=catalog.location,
                    created=moment,
                    modified=moment,
                )
            )
    return TableRef(project=project, dataset=HIDDEN, table=name)
