"""The names that an expression may use, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.kinds import Kind, Value
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Column:
    """One column of a source.

    Attributes:
        name: As it is called.
        value: What stands for it.
        hidden: Whether ``*`` leaves it out.
    """

    name: str
    value: Value
    hidden: bool = False


@dataclass(frozen=True)
class Source:
    """One item of FROM.

    Attributes:
        alias: Its name in the statement.
        columns: What it has.
        whole: The value that the alias itself means, or None for a STRUCT of its columns.
        path: The parts of a table's name, which may qualify a column too.
    """

    alias: str
    columns: tuple[Column, ...]
    whole: Value | None = None
    path: tuple[str, ...] = ()


@dataclass
class Scope:
    """The sources of one SELECT, and those around it.

    Attributes:
        sources: The items of FROM so far.
        parent: The scope around a subquery.
        tables: The names of WITH, with their columns.
        aliases: The names of the SELECT list, where they may be used.
        merged: Columns of USING: one value stands for both sides.
    """

    sources: list[Source] = field(default_factory=list)
    parent: Scope | None = None
    tables: Mapping[str, tuple[tuple[str, Kind], ...]] = field(default_factory=dict)
    aliases: Mapping[str, Value] = field(default_factory=dict)
    merged: dict[str, Column] = field(default_factory=dict)

    def table(self, name: str) -> tuple[tuple[str, Kind], ...] | None:
        """The columns of a name of WITH, or None."""
        found = self.tables.get(name.lower())
        if found is None and self.parent is not None:
            return self.parent.table(name)
        return found

    def find(self, parts: tuple[str, ...], *, at: str) -> Value:
        """What a path means.

        Args:
            parts: The names, as ``("t", "column", "field")``.
            at: The place in the statement, for the message.

        Raises:
            ApiError: It means nothing, or two things.
        """
        scope: Scope | None = self
        while scope is not None:
            found = scope._here(parts, at=at)  # noqa: SLF001
            if found is not None:
                value, rest = found
                for name in rest:
                    value = field_of(value, name, at=at)
                return value
            scope = scope.parent
        raise ApiError("invalidQuery", f"Unrecognized name: {parts[0]}{at}", location="query")

    def _here(self, parts: tuple[str, ...], *, at: str) -> tuple[Value, tuple[str, ...]] | None:
        first = parts[0].lower()
        if known := self.aliases.get(first):
            return known, parts[1:]
        for source in self.sources:
            # The name of an item of FROM stands before any column ("Specify a schema", "Column
            # names": of a table that is called as one of its columns the name is a STRUCT).
            if source.alias.lower() == first:
                return _of_source(source, parts, 1, at=at)
        if first in self.merged:
            return self.merged[first].value, parts[1:]
        found = [
            column.value
            for source in self.sources
            for column in source.columns
            if column.name.lower() == first
        ]
        if len(found) > 1:
            raise ApiError("invalidQuery", f"Column name {parts[0]} is ambiguous{at}")
        if found:
            return found[0], parts[1:]
        for source in self.sources:
            for width in (2, 3):
                head = tuple(one.lower() for one in parts[:width])
                tail = tuple(one.lower() for one in source.path[-width:])
                # An alias in backquotes may hold dots; SQLAlchemy makes such of a table's name.
                named_so = ".".join(head) == source.alias.lower()
                if len(parts) > width and (head == tail or named_so):
                    return _of_source(source, parts, width, at=at)
        return None


def _of_source(
    source: Source, parts: tuple[str, ...], used: int, *, at: str
) -> tuple[Value, tuple[str, ...]]:
    if source.whole is not None:
        return source.whole, parts[used:]
    if len(parts) == used:
        shown = [one for one in source.columns if not one.hidden]
        inner = ", ".join(f"{quoted(one.name)} := {one.value.sql}" for one in shown)
        fields = tuple((one.name, one.value.kind) for one in shown)
        return Value(f"struct_pack({inner})", Kind("STRUCT", fields=fields)), ()
    for column in source.columns:
        if column.name.lower() == parts[used].lower():
            return column.value, parts[used + 1 :]
    raise ApiError(
        "invalidQuery", f"Name {parts[used]} not found inside {source.alias}{at}", location="query"
    )


def field_of(value: Value, name: str, *, at: str) -> Value:
    """The field of a STRUCT, or of a JSON.

    Raises:
        ApiError: It has none of that name.
    """
    if value.kind.name == "JSON":
        path = '$."' + name.replace('"', "") + '"'
        return Value(f"json_extract({value.sql}, {literal(path)})", value.kind)
    if value.kind.name != "STRUCT":
        raise ApiError(
            "invalidQuery",
            f"Cannot access field {name} on a value with type {value.kind}{at}",
            location="query",
        )
    kind = value.kind.field(name)
    if kind is None:
        raise ApiError(
            "invalidQuery",
            f"Field name {name} does not exist in {value.kind}{at}",
            location="query",
        )
    actual = next(one for one, _ in value.kind.fields if one.lower() == name.lower())
    return Value(f"struct_extract({value.sql}, {literal(actual)})", kind)
