"""ALTER as BigQuery writes it, which sqlglot reads in part only.

Source: "ALTER TABLE", "ALTER VIEW", "ALTER SCHEMA" of the reference's page on DDL. What is not
one of its actions is a syntax error.
"""

# sqlglot calls the methods of a parser that a dialect may use private.
# ruff: noqa: SLF001

from __future__ import annotations

from typing import Any

from sqlglot import exp


def parse_alter(parser: Any) -> exp.Expr:
    """The tree of a statement whose ALTER has been read."""
    if parser._match_text_seq("MATERIALIZED", "VIEW"):
        kind = "MATERIALIZED VIEW"
    elif parser._match_texts(("TABLE", "VIEW", "SCHEMA")):
        kind = parser._prev.text.upper()
    else:
        kind = ""
        parser.raise_error("Unexpected keyword after ALTER")
    exists = parser._parse_exists()
    named = parser._parse_table_parts(schema=True, is_db_reference=kind == "SCHEMA")
    actions = parser._parse_csv(lambda: _action(parser))
    return parser.expression(  # type: ignore[no-any-return]
        exp.Alter(this=named, kind=kind, exists=bool(exists), actions=actions)
    )


def _action(parser: Any) -> exp.Expr:
    if parser._match_text_seq("SET", "OPTIONS"):
        return _options(parser)
    if parser._match_text_seq("RENAME", "TO"):
        return exp.AlterRename(this=parser._parse_table_parts(schema=True))
    for words, action in (
        (("RENAME", "COLUMN"), _rename_column),
        (("ADD", "COLUMN"), _add_column),
        (("DROP", "COLUMN"), _drop_column),
        (("ALTER", "COLUMN"), _alter_column),
        (("ADD",), _add_constraint),
        (("DROP",), _drop_constraint),
    ):
        if parser._match_text_seq(*words):
            return action(parser)
    parser.raise_error("Unexpected action of ALTER")
    return exp.Null()


def _options(parser: Any) -> exp.Expr:
    properties = exp.Properties(expressions=parser._parse_wrapped_properties())
    return exp.AlterSet(expressions=[properties])


def _rename_column(parser: Any) -> exp.Expr:
    exists = parser._parse_exists()
    old = parser._parse_id_var()
    if not parser._match_text_seq("TO"):
        parser.raise_error("Expected TO")
    new = parser._parse_id_var()
    return exp.RenameColumn(this=old, to=new, exists=bool(exists))


def _add_column(parser: Any) -> exp.Expr:
    exists = parser._parse_exists(not_=True)
    column = parser._parse_field_def()
    if not isinstance(column, exp.ColumnDef):
        parser.raise_error("Expected a column with its type")
    column.set("exists", bool(exists))
    return column  # type: ignore[no-any-return]


def _drop_column(parser: Any) -> exp.Expr:
    exists = parser._parse_exists()
    name = parser._parse_id_var()
    return exp.Drop(this=name, kind="COLUMN", exists=bool(exists))


def _alter_column(parser: Any) -> exp.Expr:
    exists = bool(parser._parse_exists())
    name = parser._parse_column()
    if parser._match_text_seq("SET", "DATA", "TYPE"):
        dtype = parser._parse_types()
        return exp.AlterColumn(this=name, dtype=dtype, exists=exists)
    if parser._match_text_seq("SET", "DEFAULT"):
        start = parser._curr
        default = parser._parse_disjunction()
        default.meta["text"] = parser._find_sql(start, parser._prev)
        return exp.AlterColumn(this=name, default=default, exists=exists)
    if parser._match_text_seq("SET", "OPTIONS"):
        return exp.AlterColumn(this=name, expressions=[_options(parser)], exists=exists)
    if parser._match_text_seq("DROP", "NOT", "NULL"):
        return exp.AlterColumn(this=name, drop=True, allow_null=True, exists=exists)
    if parser._match_text_seq("DROP", "DEFAULT"):
        return exp.AlterColumn(this=name, drop=True, exists=exists)
    parser.raise_error("Unexpected action of ALTER COLUMN")
    return exp.Null()


def _add_constraint(parser: Any) -> exp.Expr:
    constraint = parser._parse_constraint()
    if constraint is None:
        parser.raise_error("Expected COLUMN or a constraint")
    return exp.AddConstraint(expressions=[constraint])


def _drop_constraint(parser: Any) -> exp.Expr:
    if parser._match_text_seq("PRIMARY KEY"):
        return exp.Drop(kind="PRIMARY KEY", exists=bool(parser._parse_exists()))
    if not parser._match_text_seq("CONSTRAINT"):
        parser.raise_error("Expected COLUMN, PRIMARY KEY or CONSTRAINT")
    exists = bool(parser._parse_exists())
    return exp.Drop(this=parser._parse_id_var(), kind="CONSTRAINT", exists=exists)
