"""Calls of routines: what a dataset's function becomes where a statement names it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.routines import SCALAR, TABLE_VALUED, RoutineRef, argument_sql, type_sql
from harness.bigquery.sql.calls import Calls
from harness.bigquery.sql.casts import converted
from harness.bigquery.sql.kinds import Kind, Value, coerced, cost, kind_of_type
from harness.bigquery.sql.parse import parse
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.sql.udfs import function_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.routines import Routine
    from harness.bigquery.sql.query import Columns, Query
    from harness.bigquery.statements.statement import Session


def called_routine(session: Session, parts: Sequence[str], *, kind: str, at: str) -> Routine:
    """The routine that a call names.

    Args:
        session: The statement.
        parts: The parts of the name.
        kind: Which kind of routine may stand there.
        at: The place in the statement, for the message.

    Raises:
        ApiError: There is none of that name and kind.
    """
    name = ".".join(parts)
    what = "Function" if kind == SCALAR else "Table-valued function"
    missing = ApiError("invalidQuery", f"{what} not found: {name}{at}", location="query")
    if len(parts) == 1 and session.statement.dataset is None:
        raise missing
    table = session.ref(tuple(parts))
    ref = RoutineRef(project=table.project, dataset=table.dataset, routine=table.table)
    session.catalog.dataset(ref.project, ref.dataset, location=session.location)
    found = session.catalog.routines.find(ref)
    if found is None or found.kind != kind:
        raise missing
    return found


def scalar_function(routine: Routine) -> Callable[..., Value]:
    """What a call of a function becomes."""
    returns = f" RETURNS {type_sql(routine.returns)}" if routine.returns is not None else ""
    return _function(
        f"CREATE TEMP FUNCTION `{routine.ref.routine}`({_arguments(routine)}){returns} AS "
        f"({routine.body}\n)",
        routine.ref.project,
    )


def table_function(
    query: Query, values: Sequence[Value], *, routine: Routine, at: str
) -> tuple[str, Columns]:
    """The query that a call of a table function becomes, and its columns.

    Raises:
        ApiError: The arguments do not fit, or the query cannot be answered.
    """
    kinds = _kinds(_arguments(routine))
    fits = len(values) == len(kinds) and all(
        kind is None or cost(value, kind) is not None
        for value, (_, kind) in zip(values, kinds, strict=True)
    )
    if not fits:
        raise no_match(f"table-valued function {routine.ref.routine}", list(values), at=at)
    given = {
        name: Value(f"({value.sql if kind is None else coerced(value, kind)})", kind or value.kind)
        for value, (name, kind) in zip(values, kinds, strict=True)
    }
    tree = _qualified(parse(routine.body), routine.ref.project)
    sql, columns = query.translate(tree, Scope(aliases=given))
    wanted = (routine.returns or {}).get("columns")
    if wanted is None:
        return sql, columns
    return _as_declared(sql, columns, [(one["name"], type_sql(one["type"])) for one in wanted], at)


def check_routine(catalog: Catalog, routine: Routine, *, location: str) -> None:
    """Refuse a routine whose body is none; one of ANY TYPE is looked at when it is called.

    Args:
        catalog: The catalog.
        routine: The routine.
        location: Of its dataset.

    Raises:
        ApiError: The body is not GoogleSQL, or names what is not there.
    """
    from harness.bigquery.statements.statement import Session, Statement  # noqa: PLC0415

    kinds = _kinds(_arguments(routine))
    untyped = any(kind is None for _, kind in kinds)
    values = [Value(f"CAST(NULL AS {kind.duckdb})", kind) for _, kind in kinds if kind is not None]
    statement = Statement(text=routine.body, project=routine.ref.project, location=location)
    session = Session(catalog=catalog, statement=statement, tree=exp.select("1"))
    query = session.translator()
    if routine.kind == TABLE_VALUED:
        if not untyped:
            table_function(query, values, routine=routine, at="")
        return
    function = scalar_function(routine)
    if not untyped:
        arguments = [exp.column(name) for name, _ in kinds]
        call = exp.Anonymous(this=routine.ref.routine, expressions=arguments)
        scope = Scope(aliases=dict(zip((name for name, _ in kinds), values, strict=True)))
        function(query.expressions, call, scope)


def _arguments(routine: Routine) -> str:
    return ", ".join(argument_sql(one) for one in routine.arguments)


@lru_cache(maxsize=256)
def _function(text: str, project: str) -> Callable[..., Value]:
    tree: Any = _qualified(_created(text), project)
    return function_of(tree)[1]


def _created(text: str) -> exp.Expr:
    tree = Calls().parser().parse(Calls().tokenize(text), text)[0]
    if not isinstance(tree, exp.Create):
        raise ApiError("invalidQuery", "Syntax error: the body of a function is no expression")
    return tree


@lru_cache(maxsize=256)
def _kinds(arguments: str) -> tuple[tuple[str, Kind | None], ...]:
    tree = _created(f"CREATE TEMP FUNCTION f({arguments}) AS (1)")
    return tuple(
        (
            one.name.lower(),
            None if one.args["kind"].this == exp.DType.VARIANT else kind_of_type(one.args["kind"]),
        )
        for one in tree.this.expressions
    )


def _qualified(tree: exp.Expr, project: str) -> exp.Expr:
    """The same with the project of the routine at the names of tables that have none."""
    for table in tree.find_all(exp.Table):
        if table.args.get("db") and not table.args.get("catalog"):
            table.set("catalog", exp.to_identifier(project, quoted=True))
    return tree


def _as_declared(
    sql: str, columns: Columns, wanted: Sequence[tuple[str, str]], at: str
) -> tuple[str, Columns]:
    """The columns that RETURNS TABLE names, in its order."""
    from harness.bigquery.types import quoted  # noqa: PLC0415

    have = {name.lower(): (name, kind) for name, kind in columns}
    cells, told = [], []
    for name, text in wanted:
        if name.lower() not in have:
            raise ApiError("invalidQuery", f"Required column {name} not found in query{at}")
        kind = kind_of_type(exp.DataType.build(text, dialect="bigquery"))
        inner, given = have[name.lower()]
        value = Value(f"t.{quoted(inner)}", given)
        if cost(value, kind) is None:
            raise ApiError(
                "invalidQuery", f"Column {name} has type {given}, which is not {kind}{at}"
            )
        cells.append(f"{converted(value, kind, safe=False)} AS {quoted(name)}")
        told.append((name, kind))
    return f"SELECT {', '.join(cells)} FROM ({sql}) AS t", tuple(told)  # noqa: S608
