"""What may be written into a column: BigQuery converts little by itself.

Source: "Conversion rules" of the reference. Literals become more types than other values do, and
the fields of a STRUCT are told by their places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.kinds import Kind, Value, coerced, cost, kind_of_field
from harness.bigquery.type_parameters import bounded
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from harness.bigquery.types import Field


def assigned(value: Value, field: Field, *, what: str, verb: str, at: str = "") -> str:
    """SQL of a value made the type of a column, and held to the parameters of the type.

    Args:
        value: The value.
        field: The column.
        what: What the value is called, for the message.
        verb: What is done with it, likewise.
        at: The place in the statement, likewise.

    Raises:
        ApiError: It does not fit.
    """
    kind = kind_of_field(field)
    if not _fits(value, kind):
        raise ApiError(
            "invalidQuery",
            f"{what} has type {value.kind} which cannot be {verb} column {field.name}, which has "
            f"type {field.sql_type}{at}",
            location="query",
        )
    return bounded(field, f"CAST({_made(value, kind)} AS {field.duckdb_type})")


def _fits(value: Value, kind: Kind) -> bool:
    have = value.kind
    if have.name == "NULL" or _same(have, kind):
        return True
    if have.element is not None and kind.element is not None:
        return value.literal and _fits(Value("", have.element, literal=True), kind.element)
    if have.name == kind.name == "STRUCT":
        return len(have.fields) == len(kind.fields) and all(
            _fits(Value("", mine, literal=value.literal), theirs)
            for (_, mine), (_, theirs) in zip(have.fields, kind.fields, strict=True)
        )
    if value.literal and (have.name, kind.name) == ("STRING", "BYTES"):
        return True
    return cost(value, kind) is not None


def _same(have: Kind, kind: Kind) -> bool:
    """Whether two types are the same but for the names of fields."""
    if have.element is not None and kind.element is not None:
        return have.element.name == "NULL" or _same(have.element, kind.element)
    if have.name == kind.name == "STRUCT":
        return len(have.fields) == len(kind.fields) and all(
            _same(mine, theirs)
            for (_, mine), (_, theirs) in zip(have.fields, kind.fields, strict=True)
        )
    return have == kind


def _made(value: Value, kind: Kind, depth: int = 0) -> str:
    if value.kind == kind or value.kind.name == "NULL":
        return value.sql
    if value.kind.element is not None and kind.element is not None:
        if value.kind.element.name == "NULL":
            return value.sql
        item = f"part_{depth}"
        inner = _made(Value(item, value.kind.element, value.literal), kind.element, depth + 1)
        return f"list_transform({value.sql}, lambda {item} : {inner})"
    if kind.name == "STRUCT":
        cells = ", ".join(
            f"{quoted(name)} := "
            + _made(
                Value(f"struct_extract({value.sql}, {literal(mine)})", have, value.literal),
                theirs,
                depth,
            )
            for (mine, have), (name, theirs) in zip(value.kind.fields, kind.fields, strict=True)
        )
        return f"CASE WHEN {value.sql} IS NOT NULL THEN struct_pack({cells}) END"
    if kind.name == "BYTES":
        return f"encode({value.sql})"
    return coerced(value, kind)


def is_default(node: exp.Expr) -> bool:
    """Whether a value is the word DEFAULT."""
    if isinstance(node, exp.Column) and not node.table and isinstance(node.this, exp.Identifier):
        return node.name.upper() == "DEFAULT" and not node.this.args.get("quoted")
    return isinstance(node, exp.Var) and node.name.upper() == "DEFAULT"


def is_literal(node: exp.Expr) -> bool | None:
    """Whether it is a literal; None for NULL, which fits every column."""
    if isinstance(node, exp.Alias):
        node = node.this
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Neg):
        node = node.this
    if isinstance(node, exp.Struct | exp.Tuple | exp.Array):
        return all(is_literal(one) is not False for one in node.expressions)
    return isinstance(node, exp.Literal)


def literal_columns(source: exp.Expr, count: int) -> list[bool | None]:
    """For each column of a query whether every row of it is written as a literal."""
    rows: list[list[exp.Expr]] = []
    pending = [source]
    while pending:
        node = pending.pop()
        if isinstance(node, exp.SetOperation):
            pending += [node.this, node.expression]
        elif isinstance(node, exp.Subquery):
            pending.append(node.this)
        else:
            rows.append(node.expressions)
    columns: list[bool | None] = []
    for number in range(count):
        kinds = {is_literal(row[number]) if number < len(row) else False for row in rows}
        if False in kinds:
            columns.append(False)
        else:
            columns.append(True if True in kinds else None)
    return columns


def columns_as_values(source: exp.Expr, kinds: list[Kind]) -> list[Value]:
    """The columns ``c0``, ``c1``, ... of a query as values that may be assigned."""
    values = []
    for number, (kind, flag) in enumerate(
        zip(kinds, literal_columns(source, len(kinds)), strict=True)
    ):
        known = Kind("NULL") if flag is None else kind
        values.append(Value(f"c{number}", known, literal=bool(flag)))
    return values
