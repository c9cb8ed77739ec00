"""DECLARE and SET. Source: "DECLARE" and "SET" of the reference's page on procedural language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.expressions import system_name
from harness.bigquery.sql.kinds import Kind, Value, coerced, cost, kind_of_type
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import field_of
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.sql.parse import Part
    from harness.bigquery.statements.script import Script
    from harness.bigquery.statements.statement import Session


def check_places(parts: Sequence[Part]) -> None:
    """Refuse a DECLARE behind another statement.

    Raises:
        ApiError: There is one.
    """
    behind = False
    for part in parts:
        if isinstance(part.tree, exp.Declare) and behind:
            raise ApiError(
                "invalidQuery",
                "Variable declarations are allowed only at the start of a block or script at "
                f"[{part.start[0]}:{part.start[1]}]",
                location="query",
            )
        behind = behind or not isinstance(part.tree, exp.Declare)


def declare(session: Session, script: Script, tree: exp.Declare) -> None:
    """Give names to values.

    Raises:
        ApiError: A name is taken, or the default is of another type.
    """
    for one in tree.expressions:
        default = one.args.get("default") or None
        kind_node = one.args.get("kind")
        if kind_node is not None and kind_node.find(exp.DataTypeParam):
            raise UnsupportedError(f"a variable of type {kind_node.sql('bigquery')}{at(one)}")
        kind = kind_of_type(kind_node) if kind_node is not None else None
        value = _value(session, default) if default is not None else Value("NULL", Kind("NULL"))
        kind = kind or value.kind
        if kind.name == "NULL":
            raise ApiError("invalidQuery", f"DECLARE must have a type or a default{at(one)}")
        held = _held(session, script, _fitting(value, kind, tree), kind)
        for name in one.this:
            if name.name.lower() in script.variables:
                raise ApiError(
                    "invalidQuery",
                    f"Variable '{name.name}' redeclaration is not allowed{at(name)}",
                    location="query",
                )
            script.variables[name.name.lower()] = held


def assign(session: Session, script: Script, tree: exp.Set) -> None:
    """Give variables new values.

    Raises:
        ApiError: There is no such variable, or the value is of another type.
    """
    if len(tree.expressions) != 1 or not isinstance(tree.expressions[0].this, exp.EQ):
        raise UnsupportedError(f"this form of SET{at(tree)}")
    target, source = tree.expressions[0].this.this, tree.expressions[0].this.expression
    system = system_name(target)
    if system:
        if not (isinstance(source, exp.Literal) and source.is_string):
            raise UnsupportedError(f"SET @@{system} to this{at(tree)}")
        script.set_default(system, source.name, at=at(target))
        return
    value = _value(session, source)
    if isinstance(target, exp.Column):
        _put(session, script, target, value)
        return
    targets = target.expressions if isinstance(target, exp.Tuple) else [target.this]
    if value.kind.name != "STRUCT" or len(value.kind.fields) != len(targets):
        raise ApiError(
            "invalidQuery",
            f"Cannot assign value of type {value.kind} to {len(targets)} variable"
            f"{'s' * (len(targets) != 1)}; a STRUCT with as many fields is needed{at(source)}",
            location="query",
        )
    whole = Value(_stored(session, script, value.sql, value.kind), value.kind)
    parts = [field_of(whole, name, at="") for name, _ in value.kind.fields]
    for one, part in zip(targets, parts, strict=True):
        _put(session, script, one, part)


def _value(session: Session, node: exp.Expr) -> Value:
    query = session.translator()
    return query.expressions.value(session.bound(node), query.root)


def _put(session: Session, script: Script, target: exp.Expr, value: Value) -> None:
    name = target.name.lower()
    if not isinstance(target, exp.Column) or target.table:
        raise UnsupportedError(f"SET of a part of a variable{at(target)}")
    if name not in script.variables:
        raise ApiError(
            "invalidQuery", f"Undeclared variable: {target.name}{at(target)}", location="query"
        )
    kind = script.variables[name].kind
    script.variables[name] = _held(session, script, _fitting(value, kind, target), kind)


def _fitting(value: Value, kind: Kind, node: exp.Expr) -> str:
    if cost(value, kind) is None:
        raise ApiError(
            "invalidQuery",
            f"Cannot coerce expression of type {value.kind} to type {kind}{at(node)}",
            location="query",
        )
    return coerced(value, kind)


def _held(session: Session, script: Script, sql: str, kind: Kind) -> Value:
    """The value of a variable as it is now: of a scalar a constant, else where it is kept."""
    if kind.element is not None or kind.name in ("STRUCT", "JSON"):
        return Value(_stored(session, script, sql, kind), kind)
    shown = "to_hex(v)" if kind.name == "BYTES" else "CAST(v AS VARCHAR)"
    with session.cursor() as cursor:
        row = cursor.execute(
            f"SELECT {shown} FROM (SELECT CAST({sql} AS {kind.duckdb}) AS v)"  # noqa: S608
        ).fetchone()
    text = row[0] if row else None
    if text is None:
        return Value(f"CAST(NULL AS {kind.duckdb})", kind)
    if kind.name == "BYTES":
        return Value(f"from_hex({literal(text)})", kind)
    return Value(f"CAST({literal(text)} AS {kind.duckdb})", kind)


def _stored(session: Session, script: Script, sql: str, kind: Kind) -> str:
    name = session.catalog.database.new_name()
    script.values.append(name)
    with session.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} AS SELECT CAST({sql} AS {kind.duckdb}) AS v")
    return f"(SELECT v FROM {name})"  # noqa: S608
