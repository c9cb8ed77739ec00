"""What a source PostgreSQL has: its relations, their columns, types and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows = Callable[[str], list[dict[str, Any]]]
    """Gives the rows of a query."""

SESSION = (
    # Names of other schemas are written out then, and values are text that any server reads alike.
    "SET search_path = pg_catalog; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; "
    "SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET bytea_output = 'hex'"
)
# Functions of users do not come over, and neither does what needs one.
_OWN_FUNCTION = """EXISTS (
    SELECT FROM pg_depend u JOIN pg_proc f ON f.oid = u.refobjid
     WHERE u.refclassid = 'pg_proc'::regclass AND u.objid = {}
       AND f.pronamespace <> 'pg_catalog'::regnamespace)"""
_RELATIONS = """
SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name,
       c.relkind::text AS kind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind::text = ANY ('{r,p,v,m,f}') AND c.relpersistence::text <> 't'
   AND n.nspname <> 'information_schema' AND n.nspname::text NOT LIKE 'pg\\_%'
"""
_COLUMNS = """
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
       format_type(a.atttypid, NULL) AS plain, a.attnotnull AS required,
       CASE WHEN {own_function} THEN NULL ELSE pg_get_expr(d.adbin, d.adrelid) END AS value,
       a.attidentity::text AS identity, a.attgenerated::text AS generated,
       (SELECT s.oid::regclass::text FROM pg_depend p JOIN pg_class s ON s.oid = p.refobjid
         WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND s.relkind = 'S' LIMIT 1)
       AS sequence
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_TYPES = """
WITH RECURSIVE used(oid) AS (
    SELECT atttypid FROM pg_attribute WHERE attrelid = {oid} AND attnum > 0 AND NOT attisdropped
    UNION
    SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END
      FROM pg_type t JOIN used ON used.oid = t.oid
     WHERE t.typtype = 'd' OR (t.typcategory = 'A' AND t.typelem <> 0))
SELECT t.oid::regtype::text AS name, t.typtype::text AS kind, n.nspname::text AS schema,
       format_type(t.typbasetype, t.typtypmod) AS base,
       (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
          FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels,
       (SELECT string_agg(pg_get_constraintdef(c.oid), ' ') FROM pg_constraint c
         WHERE c.contypid = t.oid) AS checks,
       coalesce((SELECT x.extname::text FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
                  WHERE d.objid = t.oid AND d.deptype = 'e' LIMIT 1), '') AS extension
  FROM used JOIN pg_type t USING (oid) JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname <> 'pg_catalog' AND NOT (t.typcategory = 'A' AND t.typelem <> 0)
 ORDER BY t.typtype = 'd', t.oid
"""
_CONSTRAINTS = """
SELECT quote_ident(conname) || ' ' || pg_get_constraintdef(oid) AS made
  FROM pg_constraint WHERE conrelid = {oid} AND contype::text = ANY ('{{p,u,c}}')
   AND NOT {own_function} ORDER BY oid
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid) AS made FROM pg_index i
 WHERE i.indrelid = {oid} AND i.indisunique AND i.indisvalid
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
   AND NOT {own_function}
 ORDER BY i.indexrelid
"""
_PARENTS = """
SELECT conrelid::int8 AS child, confrelid::int8 AS parent,
       (SELECT json_agg(attname ORDER BY o)::text FROM unnest(conkey) WITH ORDINALITY k(n, o)
          JOIN pg_attribute ON attrelid = conrelid AND attnum = n) AS columns,
       (SELECT json_agg(attname ORDER BY o)::text FROM unnest(confkey) WITH ORDINALITY k(n, o)
          JOIN pg_attribute ON attrelid = confrelid AND attnum = n) AS keys
  FROM pg_constraint WHERE contype = 'f'
"""
_HOLDING = ("r", "p")


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A table or view of the source.

    Attributes:
        oid: Its number.
        schema: Its schema.
        table: Its name.
        kind: ``pg_class.relkind``.
    """

    oid: int
    schema: str
    table: str
    kind: str

    @property
    def name(self) -> str:
        """``schema.table``, as seeds have it."""
        return f"{self.schema}.{self.table}"

    @property
    def sql(self) -> str:
        """The name as SQL has it."""
        return f"{quoted(self.schema)}.{quoted(self.table)}"

    @property
    def is_table(self) -> bool:
        """Whether it holds rows of its own."""
        return self.kind in _HOLDING


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column.

    Attributes:
        name: Its name.
        type: Its type with its modifiers.
        plain: Its type without them.
        required: Whether it takes no null.
        value: The expression of its default, or of its value where it is generated.
        identity: ``a`` or ``d`` where it is an identity column.
        generated: ``s`` where its value is made of others.
        sequence: The sequence that its default takes the next value of.
    """

    name: str
    type: str
    plain: str
    required: bool
    value: str | None
    identity: str
    generated: str
    sequence: str | None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A foreign key.

    Attributes:
        child: The oid of the table that has it.
        parent: The oid of the table that it leads to.
        columns: The child's columns, as JSON.
        keys: The parent's, in the same order.
    """

    child: int
    parent: int
    columns: str
    keys: str


def relations(rows: Rows) -> list[Relation]:
    """All tables and views of users."""
    return [
        Relation(oid=row["oid"], schema=row["schema"], table=row["name"], kind=row["kind"])
        for row in rows(_RELATIONS)
    ]


def references(rows: Rows) -> list[Reference]:
    """All foreign keys."""
    return [Reference(**row) for row in rows(_PARENTS)]


def columns(rows: Rows, relation: Relation) -> list[Column]:
    """The columns of a table or view, in order."""
    return [
        # A value that cannot be made of others comes over as it is.
        Column(**{**row, "generated": row["generated"] if row["value"] is not None else ""})
        for row in rows(_asked(_COLUMNS, relation, "d.oid"))
    ]


def types(rows: Rows, relation: Relation) -> list[dict[str, Any]]:
    """The types of columns that are no built-in ones, those that others need first."""
    return rows(_TYPES.format(oid=relation.oid))


def keys(rows: Rows, relation: Relation) -> list[str]:
    """The definitions of primary keys, unique constraints and checks."""
    return [row["made"] for row in rows(_asked(_CONSTRAINTS, relation, "pg_constraint.oid"))]


def indexes(rows: Rows, relation: Relation) -> list[str]:
    """The statements that make unique indexes that belong to no constraint."""
    return [row["made"] for row in rows(_asked(_INDEXES, relation, "i.indexrelid"))]


def _asked(query: str, relation: Relation, dependent: str) -> str:
    return query.format(oid=relation.oid, own_function=_OWN_FUNCTION.format(dependent))


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
