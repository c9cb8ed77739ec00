"""Datasets as facts, each replaced as a whole."""

from __future__ import annotations

import threading
from dataclasses import replace

from harness.bigquery.entries import Dataset, now_ms
from harness.bigquery.errors import ApiError, not_found_dataset
from harness.bigquery.labels import is_anywhere


class DatasetStore:
    """All datasets, without their tables.

    Attributes:
        lock: Held while an entry is changed; an RLock, so that steps can be joined.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._datasets: dict[tuple[str, str], Dataset] = {}

    def datasets(self, project: str, *, hidden: bool = False) -> list[Dataset]:
        """The datasets of a project, by name.

        Args:
            project: The project.
            hidden: Whether those that begin with an underscore are among them.
        """
        with self.lock:
            found = [one for one in self._datasets.values() if one.project == project]
        shown = (one for one in found if hidden or one.name[0] != "_")
        return sorted(shown, key=lambda one: one.name)

    def projects(self) -> list[str]:
        """The projects that have datasets."""
        with self.lock:
            return sorted({project for project, _ in self._datasets})

    def dataset(self, project: str, name: str, *, location: str = "") -> Dataset:
        """One dataset.

        Args:
            project: Its project.
            name: Its id.
            location: Where a job looks for it, or nothing.

        Raises:
            ApiError: It is not there, or not in that location.
        """
        with self.lock:
            found = self._datasets.get((project, name))
        if found is None or (location and not _is_in(found, location)):
            raise not_found_dataset(f"{project}:{name}", location=location)
        return found

    def add_dataset(self, dataset: Dataset) -> None:
        """Add a new dataset.

        Raises:
            ApiError: It is there already.
        """
        with self.lock:
            if (dataset.project, dataset.name) in self._datasets:
                raise ApiError("duplicate", f"Already Exists: Dataset {dataset}")
            self._datasets[dataset.project, dataset.name] = dataset

    def put_dataset(self, dataset: Dataset) -> Dataset:
        """Replace a dataset; its version and time of change go on."""
        new = replace(dataset, version=dataset.version + 1, modified=now_ms())
        with self.lock:
            self._datasets[dataset.project, dataset.name] = new
        return new


def _is_in(dataset: Dataset, location: str) -> bool:
    return is_anywhere(dataset.kept) or dataset.location.lower() == location.lower()
