"""A PostgreSQL that pipelines read from: its tables come over when a statement names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from harness.seeds.plant import plant
from harness.seeds.reader import Seed
from harness.services.given.postgres_url import parse
from harness.sources import postgres_catalog as catalog
from harness.sources.limits import NotKeptError
from harness.sources.postgres_ddl import definition
from harness.sources.postgres_names import Names
from harness.sources.postgres_planted import PlantedTables
from harness.sources.postgres_reader import Reader
from harness.sources.postgres_rows import check_same, fetch
from harness.sources.postgres_sample import Samples
from harness.sources.shelf import Kept
from harness.sources.statements import Mention, emptied, mentions, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from harness.services.protocol import Sink
    from harness.services.stack import Stack
    from harness.sources.postgres_catalog import Column, Relation
    from harness.sources.shelf import Shelf

SERVICE = "postgres"
_SCHEMAS = "SELECT nspname::text AS name FROM pg_namespace"
_CANCELLING = 0.1
"""Seconds between calls to cancel."""


@dataclass(kw_only=True)
class _Fetched:
    """A table that came over.

    Attributes:
        columns: Its columns.
        files: Its files below the folder of seeds.
        facts: What the index says of it.
        oid: The private table's number; 0 when the pipeline has put its own in its place.
        node: The number of the file that has its rows; another once it has been emptied.
        rows: How many came over; None where only its shape did.
        before: How many of its rows had been read before the pipeline could.
        sink: It as it came over.
        read: Whether the pipeline has read rows of it.
        emptied: Whether the pipeline has thrown away what it held.
    """

    columns: list[Column]
    files: list[str]
    facts: dict[str, Any]
    oid: int
    node: int
    rows: int | None = None
    sink: Sink | None = None
    before: int = 0
    read: bool = False
    emptied: bool = False


class PostgresSource:
    """Fetches tables from a source into the private PostgreSQL; a context manager.

    Args:
        url: The source.
        stack: The private services, running, with what they hold before the pipeline.
        shelf: Where files go.

    Raises:
        SettingsError: It is no URL of a PostgreSQL.
    """

    def __init__(self, url: str, *, stack: Stack, shelf: Shelf) -> None:
        self._reader = Reader(parse(url), server=stack.postgres.server, seconds=shelf.seconds)
        self._stack = stack
        self._shelf = shelf
        self._fetched: dict[Relation, _Fetched] = {}
        self._names = Names()
        self._samples: Samples | None = None
        self._planted = PlantedTables(stack)
        self._schemas: set[str] = set()
        self._used: set[str] = set()
        self._ended = False

    @property
    def shown(self) -> str:
        """The source as it may be shown."""
        return self._reader.shown

    def __enter__(self) -> Self:
        found, references = self._reader.open()
        self._samples = Samples(references)
        self._begin(found)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True
        # A connection of the pipeline may still be served: its thread must have let go. What it
        # asks next may come after a first call to cancel.
        while not self._shelf.lock.acquire(timeout=_CANCELLING):
            self._reader.cancel()
        try:
            self._reader.close()
        finally:
            self._shelf.lock.release()

    def statement(self, text: str) -> None:
        """Fetch what a statement names, before it is carried out.

        Args:
            text: The statement.
        """
        self._want(mentions(text))
        for parts in emptied(text):
            for relation in self._names.meant(Mention(parts, rows=False)):
                if relation in self._fetched:
                    self._fetched[relation].emptied = True

    def value(self, text: str) -> None:
        """Fetch what a parameter names: that it is there, not its rows.

        Args:
            text: The parameters of a statement.
        """
        self._want(named(text))

    def settle(self) -> None:
        """Note what the pipeline has read so far, before anybody else reads."""
        self._planted.wait(own=False)
        for relation, one in self._fetched.items():
            seen = self._planted.seen(relation)
            one.oid = seen.oid if seen.oid == one.oid else 0
            one.read = not one.oid or seen.read > one.before

    def is_unchanged(self, sink: Sink) -> bool:
        """Whether a table came over and has not been written since.

        Args:
            sink: What the private services hold.
        """
        return any(sink == one.sink for one in self._fetched.values())

    def kept(self) -> Iterator[Kept]:
        """The schemas and tables that the pipeline read, or found there, as seeds."""
        for schema in sorted(one for one in self._used if not {".", "/", "\0"} & set(one)):
            file = self._shelf.file(SERVICE, f"{schema}.sql")
            file.write_text(_schema(schema) + "\n", "utf-8")
            yield Kept(service=SERVICE, name=schema, files=(f"{SERVICE}/{file.name}",))
        for relation, one in self._fetched.items():
            if one.rows is None and not one.oid:
                # It asked whether it is there, and made its own in its place.
                continue
            files, facts = tuple(one.files), one.facts
            if not one.read:
                # Its name stands for something else as well, or rows were only added to it.
                files, facts = files[:1], {**facts, "rows": 0}
            yield Kept(service=SERVICE, name=relation.name, files=files, facts=facts)

    def _begin(self, found: Iterable[Relation]) -> None:
        """Know what may be asked for: what the private server has already is the user's own."""
        private = self._stack.postgres
        own = {one.name for one in catalog.relations(lambda sql: private.query(sql).to_pylist())}
        self._names = Names(
            one
            for one in found
            if one.name not in own and not self._shelf.limits.leaves_out(one.name)
        )
        # A transaction of the pipeline that makes one would be waited for.
        there = {row["name"] for row in private.query(_SCHEMAS).to_pylist()}
        self._schemas = self._names.schemas - there
        private.execute("".join(map(_schema, sorted(self._schemas))) or "SELECT 1")

    def _want(self, names: Iterable[Mention]) -> None:
        wanted: dict[Relation, bool] = {}
        for one in names:
            self._used |= self._schemas & {*one.parts, *(part.lower() for part in one.parts)}
            for relation in self._names.meant(one):
                wanted[relation] = wanted.get(relation, False) or one.rows
        if not wanted or self._samples is None:
            return
        with self._shelf.lock:
            for relation in self._samples.ordered(wanted):
                if self._ended:
                    return
                with self._shelf.fetching(f"the table {relation.name} of PostgreSQL"):
                    self._fetch(relation, rows=wanted[relation])

    def _fetch(self, relation: Relation, *, rows: bool) -> None:
        one = self._fetched.get(relation)
        if one is None:
            one = self._fetched[relation] = self._shape(relation)
        if not rows or one.rows is not None or one.emptied:
            return
        if self._planted.is_same(relation, (one.oid, one.node)):
            one.rows = 0
            self._fill(relation, one)

    def _shape(self, relation: Relation) -> _Fetched:
        if any(mark in relation.table + relation.schema for mark in "./\0"):
            raise NotKeptError("its name cannot be a file's: leave it out with --without")
        columns = catalog.columns(self._reader.rows, relation)
        file = self._shelf.file(SERVICE, f"{relation.name}.sql")
        file.write_text(definition(self._reader.rows, relation, columns), "utf-8")
        seed = Seed(service=SERVICE, name=relation.name, kind=".sql", file=file)
        plant([seed], self._stack)
        facts = {} if relation.kind == "r" else {"note": _NOTES[relation.kind]}
        seen = self._planted.seen(relation)
        return _Fetched(
            columns=columns,
            files=[f"{SERVICE}/{file.name}"],
            facts=facts,
            oid=seen.oid,
            node=seen.node,
            sink=self._stack.postgres.describe(relation.name),
        )

    def _fill(self, relation: Relation, one: _Fetched) -> None:
        self._shelf.progress(f"fetching {relation.name}")
        file = self._shelf.file(SERVICE, f"{relation.name}.parquet")
        limits = self._shelf.limits
        of = fetch(self._reader.cursor, relation, one.columns, file, limits=limits)
        one.rows = of
        if limits.sample is not None and self._samples is not None:
            one.rows = self._samples.take(relation, file, one.columns, count=limits.sample)
        one.facts["rows"] = one.rows
        if one.rows < of:
            one.facts["of"] = of
        one.files.append(f"{SERVICE}/{file.name}")
        plant([Seed(service=SERVICE, name=relation.name, kind=".parquet", file=file)], self._stack)
        if one.rows == of:
            check_same(self._reader.rows, self._stack.postgres, relation, one.columns)
        one.sink = self._stack.postgres.describe(relation.name)
        self._planted.wait(own=True)
        one.before = self._planted.seen(relation).read


def _schema(name: str) -> str:
    return f"CREATE SCHEMA IF NOT EXISTS {catalog.quoted(name)};"


_NOTES = {
    "p": "partitioned there",
    "v": "a view there",
    "m": "a materialised view there",
    "f": "a foreign table there",
}
