"""Which columns of each table a statement reads, by its text.

"Estimate and control costs" and "Query size calculation" of the reference: the columns that are
selected are counted, of a STRUCT only the fields that are named, and what a subquery gives that
nobody asks for is not. Where that cannot be told by names alone, more is counted, never less.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.sql.sources import name_parts

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    # The parts of a name, such as alias, column and field, in lower case.
    Path = tuple[str, ...]

_SOURCES = ("from_", "joins", "laterals")
_APART = (*_SOURCES, "expressions", "with_")


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is wanted of a table or a subquery.

    Attributes:
        all: Whether all columns are, but those that are left out.
        but: The columns that are left out.
        paths: The names that are looked at; those of other tables may be among them.
    """

    all: bool = False
    but: frozenset[str] = frozenset()
    paths: frozenset[Path] = frozenset()

    def wants(self, name: str) -> bool:
        """Whether a column of that name may be looked at."""
        every = self.all and name.lower() not in self.but
        return every or any(name.lower() in path for path in self.paths)

    def fields_of(self, name: str, *, alias: str) -> frozenset[Path] | None:
        """The fields of a column that are wanted: empty for none, None for all of it.

        Args:
            name: The column.
            alias: What its table is called.
        """
        wanted, own = name.lower(), alias.lower()
        if (self.all and wanted not in self.but) or (own,) in self.paths:
            return None
        found = set()
        for path in self.paths:
            inner = path[1:] if len(path) > 1 and path[0] == own else path
            if wanted in inner:
                found.add(inner[inner.index(wanted) + 1 :])
        return None if () in found else frozenset(found)


EVERYTHING = Need(all=True)


@dataclass(frozen=True, kw_only=True)
class Read:
    """A table that is mentioned, and what is wanted of it."""

    mention: exp.Table
    need: Need


@dataclass
class _Reader:
    reads: list[Read] = field(default_factory=list)

    def query(self, node: exp.Expr | None, need: Need, known: Mapping[str, exp.Expr]) -> None:
        """Note what a query reads.

        Args:
            node: The query.
            need: What is wanted of its columns.
            known: The queries that WITH names, by name.
        """
        if node is None:
            return
        known = {**known, **_named(node)}
        if isinstance(node, exp.Subquery | exp.Paren):
            self.query(node.this, need, known)
        elif isinstance(node, exp.SetOperation):
            # Columns go by their place; each side is counted whole.
            self.query(node.this, EVERYTHING, known)
            self.query(node.expression, EVERYTHING, known)
        elif isinstance(node, exp.Select):
            self._select(node, need, known)
        else:
            self.rest(node, known)

    def _select(self, node: exp.Select, need: Need, known: Mapping[str, exp.Expr]) -> None:
        sources = list(_sources(node))
        clauses = [
            one
            for name, value in node.args.items()
            if name not in _APART
            for one in (value if isinstance(value, list) else [value])
            if isinstance(one, exp.Expr)
        ]
        clauses += [
            one
            for join in node.args.get("joins") or ()
            for one in (join.args.get("on"), *(join.args.get("using") or ()))
            if one is not None
        ]
        clauses += [one for source in sources if not isinstance(source, exp.Table | exp.Subquery)
                    for one in [source]]  # fmt: skip
        called = {one.alias_or_name.lower() for one in sources}
        paths = {path for one in (*clauses, *sources) for path in _paths(one, called)}
        looked = Need(paths=frozenset(paths))
        live = [
            one
            for one in node.expressions
            if node.args.get("distinct")
            or node.args.get("group")
            or _is_star(one)
            or need.wants(one.alias_or_name)
            or looked.wants(one.alias_or_name)
        ]
        paths |= {path for one in live if not _is_star(one) for path in _paths(one, called)}
        for part in (*clauses, *live):
            self.rest(part, known)
        stars = [one for one in live if _is_star(one)]
        for source in sources:
            self._source(source, _passed(source, stars, need, frozenset(paths)), known)

    def _source(self, source: exp.Expr, need: Need, known: Mapping[str, exp.Expr]) -> None:
        if source.args.get("pivots"):
            need = EVERYTHING
        if isinstance(source, exp.Subquery):
            self.query(source, need, known)
        elif isinstance(source, exp.Table):
            parts = name_parts(source)
            name = parts[0].lower() if len(parts) == 1 else ""
            if name in known:
                others = {one: query for one, query in known.items() if one != name}
                self.query(known[name], need, others)
            else:
                self.reads.append(Read(mention=source, need=need))

    def rest(self, node: exp.Expr, known: Mapping[str, exp.Expr]) -> None:
        """Note what the queries within an expression read."""
        if isinstance(node, exp.Query):
            self.query(node, EVERYTHING, known)
            return
        for one in node.iter_expressions():
            self.rest(one, known)


def reads_of(tree: exp.Expr, need: Need = EVERYTHING) -> list[Read]:
    """The tables that a statement mentions and what it reads of each.

    Args:
        tree: The statement.
        need: What is wanted of the columns of a query.
    """
    reader = _Reader()
    if isinstance(tree, exp.Query):
        reader.query(tree, need, {})
        return reader.reads
    if isinstance(tree, exp.Insert | exp.Create):
        reader.query(tree.args.get("expression"), EVERYTHING, _named(tree))
        return reader.reads
    paths = frozenset(_paths(tree, ()))
    wanted = Need(paths=paths)
    for source in (target(tree), tree.args.get("using"), *_sources(tree)):
        if isinstance(source, exp.Table):
            reader.reads.append(Read(mention=source, need=wanted))
        elif isinstance(source, exp.Subquery):
            reader.query(source, wanted, {})
    for name, part in tree.args.items():
        if name not in ("this", "tables", "using", *_SOURCES):
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, exp.Expr):
                    reader.rest(one, {})
    return reader.reads


def target(tree: exp.Expr) -> exp.Expr | None:
    """The table that UPDATE, DELETE or MERGE names; DELETE may leave FROM out."""
    listed: list[exp.Expr] = tree.args.get("tables") or []
    return tree.this or (listed[0] if listed else None)


def _named(node: exp.Expr) -> dict[str, exp.Expr]:
    listed = node.args.get("with_")
    return {one.alias.lower(): one.this for one in listed.expressions} if listed else {}


def _sources(node: exp.Expr) -> Iterator[exp.Expr]:
    """What stands in FROM and its joins."""
    start = node.args.get("from_")
    todo = [start.this] if start is not None else []
    todo += [one.this for one in node.args.get("joins") or ()]
    todo += node.args.get("laterals") or []
    for one in todo:
        yield one
        for join in one.args.get("joins") or ():
            yield join.this


def _is_star(node: exp.Expr) -> bool:
    return isinstance(node, exp.Star) or (
        isinstance(node, exp.Column) and isinstance(node.this, exp.Star)
    )


def _passed(
    source: exp.Expr, stars: Iterable[exp.Expr], need: Need, paths: frozenset[Path]
) -> Need:
    """What is wanted of a source: what is named, and what the stars give of it."""
    every, but = False, None
    for star in stars:
        within = star if isinstance(star, exp.Star) else star.this
        if isinstance(star, exp.Column) and star.table.lower() != source.alias_or_name.lower():
            paths |= {tuple(part.name.lower() for part in star.parts[:-1])}
            continue
        left = frozenset(one.name.lower() for one in within.args.get("except_") or ())
        paths |= need.paths
        if need.all:
            gone = left | need.but
            every, but = True, gone if but is None else but & gone
    return Need(all=every, but=but or frozenset(), paths=paths)


def _paths(node: exp.Expr, called: Container[str]) -> Iterator[Path]:
    """The names in an expression, those of queries within it too, as they may be correlated.

    Args:
        node: The expression; of a subquery in FROM there are none.
        called: What the tables around it are called: an ARRAY may stand in FROM like a table.
    """
    if isinstance(node, exp.Subquery) and isinstance(node.parent, exp.From | exp.Join):
        return
    for one in node.walk(prune=lambda part: isinstance(part, exp.Column)):
        if isinstance(one, exp.Column):
            parts = [part.name.lower() for part in one.parts]
            above: exp.Expr = one
            while isinstance(above.parent, exp.Dot) and above.parent.this is above:
                above = above.parent
                parts.append(above.expression.name.lower())
            yield tuple(parts)
        elif isinstance(one, exp.Table):
            names = tuple(part.lower() for part in name_parts(one))
            if len(names) > 1 and names[0] in called:
                yield names
        elif isinstance(one, exp.Identifier) and isinstance(one.parent, exp.Join):
            yield (one.name.lower(),)
