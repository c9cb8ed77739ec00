"""A BigQuery that pipelines read from: its tables come over when a request names them."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from harness.seeds.plant import plant
from harness.seeds.reader import Seed
from harness.services.given.bigquery_client import asked
from harness.sources import bigquery_table as files
from harness.sources.bigquery_names import asked_by
from harness.sources.bigquery_rows import PLAIN, rows_of
from harness.sources.limits import NotKeptError
from harness.sources.shelf import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    import pyarrow as pa
    from google.cloud import bigquery

    from harness.gates.wire_http import Request
    from harness.services.protocol import Sink
    from harness.services.stack import Stack
    from harness.sources.bigquery_names import Named
    from harness.sources.shelf import Shelf

SERVICE = "bigquery"


@dataclass(kw_only=True)
class _Fetched:
    """A table that came over.

    Attributes:
        files: Its files below the folder of seeds.
        facts: What the index says of it.
        created: When the private one was made.
        sink: It as it came over.
        full: Whether its rows came over too.
        emptied: Whether the pipeline has thrown away what it held.
        own: Whether the pipeline has put its own in its place.
    """

    files: list[str]
    facts: dict[str, Any]
    created: str
    sink: Sink
    full: bool = False
    emptied: bool = False
    own: bool = False


class BigQuerySource:
    """Fetches tables from a source into the private BigQuery; a context manager.

    Args:
        connect: Makes Google's client of the source.
        shown: The source as it may be shown.
        stack: The private services, running, with what they hold before the pipeline.
        shelf: Where files go.
        objects: Told each ``gs://`` URI that a job names.
    """

    def __init__(
        self,
        connect: Callable[[], bigquery.Client],
        *,
        shown: str,
        stack: Stack,
        shelf: Shelf,
        objects: Callable[[str], None],
    ) -> None:
        self.shown = shown
        self._connect = connect
        self._stack = stack
        self._shelf = shelf
        self._objects = objects
        self._closing = ExitStack()
        self._tables: dict[str, set[str]] = {}
        self._fetched: dict[str, _Fetched] = {}

    def __enter__(self) -> Self:
        self._client = self._closing.enter_context(closing(self._connect()))
        self._private = self._closing.enter_context(closing(self._stack.bigquery.client()))
        self._own_datasets = {one.dataset_id for one in self._private.list_datasets()}
        self._own = {sink.name for sink in self._stack.bigquery.inventory()}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._shelf.lock:
            self._closing.close()

    def request(self, request: Request) -> None:
        """Fetch what a request names, before the service gets it.

        Args:
            request: The request.
        """
        asked_for = asked_by(request, home=self._client.project)
        for uri in asked_for.uris:
            self._objects(uri)
        for one in asked_for.tables:
            self._named(one)
        for name in (*asked_for.emptied, *asked_for.replaced):
            if name in self._fetched:
                self._fetched[name].emptied = True
        for name in asked_for.replaced:
            if name in self._fetched:
                self._fetched[name].own = True

    def settle(self) -> None:
        """Note which tables the pipeline has put its own in place of."""
        for name, one in self._fetched.items():
            one.own = one.own or one.created != self._created(name)

    def is_unchanged(self, sink: Sink) -> bool:
        """Whether a table came over and has not been written since.

        Args:
            sink: What the private services hold.
        """
        return any(sink == one.sink for one in self._fetched.values())

    def kept(self) -> Iterator[Kept]:
        """The datasets and tables that the pipeline read, or found there, as seeds."""
        for dataset in sorted(self._tables):
            file = self._shelf.file(SERVICE, f"{dataset}.sql")
            if file.exists():
                yield Kept(service=SERVICE, name=dataset, files=(f"{SERVICE}/{file.name}",))
        for name, one in self._fetched.items():
            if one.full or not one.own:
                yield Kept(service=SERVICE, name=name, files=tuple(one.files), facts=one.facts)

    def _named(self, one: Named) -> None:
        name = f"{one.dataset}.{one.table}".rstrip(".")
        with self._shelf.lock, self._shelf.fetching(f"the table {name} of BigQuery"):
            if one.project != self._client.project:
                if not self._shelf.limits.leaves_out(name):
                    self._refuse_other(one.project, one.dataset)
                return
            for table in self._found(one.dataset, one.table):
                self._fetch(f"{one.dataset}.{table}", rows=one.rows)

    def _refuse_other(self, project: str, dataset: str) -> None:
        from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415

        try:
            self._client.get_dataset(f"{project}.{dataset}")
        except GoogleAPIError:
            return
        raise NotKeptError(
            f"it is in the project {project}, which no seed can say: leave it out with --without"
        )

    def _found(self, dataset: str, table: str) -> list[str]:
        """The tables of the source that a name stands for, but those that are there already."""
        listed = self._listed(dataset)
        names = (
            [name for name in listed if name.startswith(table.removesuffix("*"))]
            if table.endswith("*")
            else [table]
        )
        return [
            name
            for name in names
            if name in listed
            and f"{dataset}.{name}" not in self._own
            and not self._shelf.limits.leaves_out(f"{dataset}.{name}")
        ]

    def _listed(self, dataset: str) -> set[str]:
        """The tables of a dataset of the source, which is there for the pipeline from now on."""
        from google.api_core.exceptions import BadRequest, Forbidden, NotFound  # noqa: PLC0415

        if dataset not in self._tables:
            self._tables[dataset] = set()
            with asked() as retry:
                try:
                    there = self._client.get_dataset(dataset, retry=retry)
                except (NotFound, BadRequest, Forbidden):
                    # Most names with a dot are those of columns.
                    return set()
                self._tables[dataset] = {
                    one.table_id for one in self._client.list_tables(there, retry=retry)
                }
            if dataset not in self._own_datasets:
                statement = files.dataset(dataset, location=there.location)
                file = self._shelf.file(SERVICE, f"{dataset}.sql")
                file.write_text(statement + "\n", "utf-8")
                plant([Seed(service=SERVICE, name=dataset, kind=".sql", file=file)], self._stack)
        return self._tables[dataset]

    def _fetch(self, name: str, *, rows: bool) -> None:
        one = self._fetched.get(name)
        if one is not None and (one.full or not rows or one.emptied):
            return
        with asked() as retry:
            table = self._client.get_table(name, retry=retry)
        if one is None:
            one = self._fetched[name] = self._shape(name, table)
        if rows and one.created == self._created(name):
            one.full = True
            self._fill(name, table, one)

    def _shape(self, name: str, table: bigquery.Table) -> _Fetched:
        file = self._shelf.file(SERVICE, f"{name}.sql")
        file.write_text(files.definition(table), "utf-8")
        plant([Seed(service=SERVICE, name=name, kind=".sql", file=file)], self._stack)
        kind = table.table_type
        facts = {} if kind == PLAIN else {"note": f"a {kind.lower().replace('_', ' ')} there"}
        return _Fetched(
            files=[f"{SERVICE}/{file.name}"],
            facts=facts,
            created=self._created(name),
            sink=self._stack.bigquery.describe(name),
        )

    def _fill(self, name: str, table: bigquery.Table, one: _Fetched) -> None:
        limits = self._shelf.limits
        limits.check_read(rows=int(table.num_rows or 0), size=int(table.num_bytes or 0))
        self._shelf.progress(f"fetching {name}")
        rows = of = self._rows(self._client, table)
        if limits.sample is not None and of.num_rows > limits.sample:
            rows = files.sampled(of, count=limits.sample)
        one.facts["rows"] = rows.num_rows
        if rows is not of:
            one.facts["of"] = of.num_rows
        kind = files.kind_of_file(table)
        file = self._shelf.file(SERVICE, f"{name}{kind}")
        files.write(rows, table, file)
        limits.check(rows=rows.num_rows, size=file.stat().st_size)
        one.files.append(f"{SERVICE}/{file.name}")
        if rows.num_rows:
            plant([Seed(service=SERVICE, name=name, kind=kind, file=file)], self._stack)
        if not files.same(self._rows(self._private, self._private.get_table(name)), rows):
            raise NotKeptError("what was kept is not what the source has")
        one.sink = self._stack.bigquery.describe(name)

    def _rows(self, client: bigquery.Client, table: bigquery.Table) -> pa.Table:
        return rows_of(client, table, limits=self._shelf.limits, seconds=self._shelf.seconds)

    def _created(self, name: str) -> str:
        from google.api_core.exceptions import NotFound  # noqa: PLC0415

        try:
            return str(self._private.get_table(name).created)
        except NotFound:
            return ""
