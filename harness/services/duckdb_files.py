"""DuckDB's database files that runs leave, as a service: nothing of it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.services import duckdb_tables as tables
from harness.services.missing import missing
from harness.services.sinkless import Sinkless

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from harness.services.protocol import Sink

_MAGIC = b"DUCK"
_BEFORE = 8
"""Bytes of a database file before the word by which it is known."""


class DuckDbFiles(Sinkless):
    """The files of the last run: in its copy of the project, and at the paths of Mage's container.

    A table's name is that of the file, as the run knows it, with schema and table behind a colon:
    ``out/taxi.duckdb:main.trips``.
    """

    name = "duckdb"
    title = "DuckDB files"

    def __init__(self) -> None:
        self._project: Path | None = None
        self._shown: tuple[tuple[str, str], ...] = ()

    def look_at(self, project: Path, shown: Sequence[tuple[str, str]]) -> None:
        """From now on look at the files of another run.

        Args:
            project: Its copy of the project.
            shown: Files and folders of this machine, each with the path that it is seen at.
        """
        self._project = project
        self._shown = tuple(shown)

    def start(self) -> None:
        """Nothing: there is no process."""

    def stop(self) -> None:
        """Nothing: the files belong to the runs."""

    def reset(self) -> None:
        """Forget the last run, whose files go with it."""
        self._project, self._shown = None, ()

    def environment(self) -> Mapping[str, str]:
        """Nothing: a file is found by its path."""
        return {}

    def inventory(self) -> Sequence[Sink]:
        """The tables of all files.

        Raises:
            CheckFailedError: A file cannot be read, such as one of a newer format.
        """
        found = [sink for name, file in self.files() for sink in tables.sinks(name, file)]
        return sorted(found, key=lambda sink: sink.name)

    def describe(self, name: str) -> Sink:
        """One table or view by ``file:schema.table``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
            CheckFailedError: The file cannot be read.
        """
        file = dict(self.files()).get(name.rpartition(":")[0])
        for sink in () if file is None else tables.sinks(name.rpartition(":")[0], file, views=True):
            if sink.name == name:
                return sink
        raise missing("table in DuckDB", name, [sink.name for sink in self.inventory()])

    def read(self, name: str) -> pa.Table:
        """All rows of a table or view.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
            CheckFailedError: The file cannot be read.
        """
        self.describe(name)
        file, _, table = name.rpartition(":")
        return tables.read(dict(self.files())[file], table)

    def partitions(self, name: str) -> Mapping[str, int]:
        """Nothing: tables have no partitions.

        Raises:
            MissingSinkError: There is no such table; the message names the nearest that exist.
        """
        self.describe(name)
        return {}

    def files(self) -> Iterator[tuple[str, Path]]:
        """Each file of the last run once, after the path that the run knows it by."""
        seen: set[Path] = set()
        for place, prefix in self._places():
            for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
                if file.resolve() in seen or not _is_database(file):
                    continue
                seen.add(file.resolve())
                yield (Path(prefix) / file.relative_to(place)).as_posix(), file

    def _places(self) -> Iterator[tuple[Path, str]]:
        if self._project is not None:
            yield self._project, ""
        # A folder that is shown within another is known by its own path.
        for source, target in reversed(self._shown):
            yield Path(source), target


def _is_database(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as content:
        return content.read(_BEFORE + len(_MAGIC))[_BEFORE:] == _MAGIC
