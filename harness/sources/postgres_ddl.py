"""SQL that makes a table of a source anew: columns, types, keys, sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.sources import postgres_catalog as catalog
from harness.sources.limits import NotKeptError
from harness.sources.postgres_catalog import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.sources.postgres_catalog import Column, Relation, Rows

_ENUMERATION, _DOMAIN = "e", "d"
_ALWAYS = "a"


def definition(rows: Rows, relation: Relation, columns: list[Column]) -> str:
    """The statements that make a table.

    A view becomes a table of what it shows. Foreign keys, triggers, and indexes that only make
    things faster are left out, and a partitioned table is a plain one.

    Args:
        rows: Asks the source.
        relation: The table or view.
        columns: Its columns.

    Raises:
        InputError: A column has a type that a private PostgreSQL has not.
        NotKeptError: Its columns cannot be those of a file.
    """
    if not columns:
        raise NotKeptError("it has no columns: leave it out with --without")
    if len({one.name.lower() for one in columns}) < len(columns):
        raise NotKeptError("its columns' names differ by case alone: leave it out with --without")
    parts = [f"CREATE SCHEMA IF NOT EXISTS {quoted(relation.schema)};"]
    parts += [_type(relation, one) for one in catalog.types(rows, relation)]
    sequences = {one.sequence: one for one in columns if one.sequence} if relation.is_table else {}
    parts += [f"CREATE SEQUENCE IF NOT EXISTS {name};" for name in sequences]
    inner = [_column(one, plain=not relation.is_table) for one in columns]
    if relation.is_table:
        inner += [f"CONSTRAINT {made}" for made in catalog.keys(rows, relation)]
    parts.append(f"CREATE TABLE {relation.sql} (\n  " + ",\n  ".join(inner) + "\n);")
    if relation.is_table:
        parts += [f"{made};" for made in catalog.indexes(rows, relation)]
        parts += _positions(rows, relation, columns)
    return "\n".join(parts) + "\n"


def _type(relation: Relation, one: dict[str, Any]) -> str:
    name, kind = one["name"], one["kind"]
    if one["extension"] or kind not in (_ENUMERATION, _DOMAIN):
        whose = f"of the extension {one['extension']}" if one["extension"] else "of its database"
        raise InputError(
            f"the table {relation.name} has a column of the type {name}",
            cause=f"it is a type {whose}, which a private PostgreSQL has not: leave it out with "
            "--without",
        )
    if kind == _ENUMERATION:
        made = f"CREATE TYPE {name} AS ENUM ({one['labels'] or ''})"
    else:
        made = f"CREATE DOMAIN {name} AS {one['base']} {one['checks'] or ''}".rstrip()
    # Several tables may have it.
    return (
        f"CREATE SCHEMA IF NOT EXISTS {quoted(one['schema'])};\n"
        f"DO $type$ BEGIN {made}; EXCEPTION WHEN duplicate_object THEN NULL; END $type$;"
    )


def _column(column: Column, *, plain: bool) -> str:
    text = f"{quoted(column.name)} {column.type}"
    if plain:
        return text
    if column.generated:
        text += f" GENERATED ALWAYS AS ({column.value}) STORED"
    elif column.identity:
        how = "ALWAYS" if column.identity == _ALWAYS else "BY DEFAULT"
        text += f" GENERATED {how} AS IDENTITY"
    elif column.value is not None:
        text += f" DEFAULT {column.value}"
    return text + (" NOT NULL" if column.required else "")


def _positions(rows: Rows, relation: Relation, columns: list[Column]) -> Iterator[str]:
    """Let sequences go on where they are in the source."""
    for column in columns:
        if not column.identity and not column.sequence:
            continue
        place = f"pg_get_serial_sequence({_text(relation.sql)}, {_text(column.name)})"
        name = _text(column.sequence) if column.sequence else place
        last = rows(f"SELECT pg_sequence_last_value({name}::regclass) AS last")[0]["last"]
        if column.sequence:
            yield f"ALTER SEQUENCE {column.sequence} OWNED BY {relation.sql}.{quoted(column.name)};"
        if last is not None:
            yield f"SELECT setval({name}, {last});"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
