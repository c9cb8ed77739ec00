"""CREATE FUNCTION and CREATE TABLE FUNCTION, and their DROP: the routines of datasets.

Source: "CREATE FUNCTION statement", "CREATE TABLE FUNCTION statement" of the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.ddl.options import options_of
from harness.bigquery.entries import now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.routines import SCALAR, TABLE_VALUED, Routine, RoutineRef, checked_id
from harness.bigquery.sql.kinds import kind_of_type
from harness.bigquery.sql.places import at
from harness.bigquery.sql.translate import name_parts
from harness.bigquery.statements.routine_calls import check_routine
from harness.bigquery.statements.statement import Outcome

if TYPE_CHECKING:
    from harness.bigquery.sql.kinds import Kind
    from harness.bigquery.statements.statement import Session


def create_function(session: Session, tree: exp.Create) -> Outcome:
    """Do CREATE FUNCTION or CREATE TABLE FUNCTION; the catalog's lock is held.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does; nothing has changed then.
    """
    by_table = bool(tree.meta.get("table_function"))
    kind = "CREATE_TABLE_FUNCTION" if by_table else "CREATE_FUNCTION"
    ref = _ref(session, tree.this.this)
    session.catalog.dataset(ref.project, ref.dataset, location=session.location)
    old = session.catalog.routines.find(ref)
    if old is not None and tree.args.get("exists"):
        return Outcome(type=kind, routine=ref, ddl="SKIP")
    if old is not None and not tree.args.get("replace"):
        raise ApiError("duplicate", f"Already Exists: Routine {ref}")
    routine = _routine(session, tree, ref, by_table=by_table)
    with session.catalog.reading():
        check_routine(session.catalog, routine, location=session.location)
    session.catalog.routines.put(routine)
    return Outcome(type=kind, routine=ref, ddl="REPLACE" if old is not None else "CREATE")


def drop_function(session: Session, tree: exp.Drop) -> Outcome:
    """Do DROP FUNCTION or DROP TABLE FUNCTION; the catalog's lock is held.

    Raises:
        ApiError: It is not there, or is the other kind.
    """
    by_table = bool(tree.meta.get("table_function"))
    kind = "DROP_TABLE_FUNCTION" if by_table else "DROP_FUNCTION"
    ref = _ref(session, (tree.args.get("tables") or [tree.this])[0])
    found = session.catalog.routines.find(ref)
    if found is None or (found.kind == TABLE_VALUED) != by_table:
        if tree.args.get("exists"):
            return Outcome(type=kind, routine=ref, ddl="SKIP")
        raise ApiError("notFound", f"Not found: Routine {ref}")
    session.catalog.routines.remove(ref)
    return Outcome(type=kind, routine=ref, ddl="DROP")


def _ref(session: Session, named: exp.Table) -> RoutineRef:
    parts = name_parts(named)
    if len(parts) == 1 and session.statement.dataset is None:
        raise ApiError(
            "invalid",
            f'Function "{parts[0]}" must be qualified with a dataset (e.g. dataset.function).',
        )
    table = session.ref(parts)
    return RoutineRef(project=table.project, dataset=table.dataset, routine=checked_id(table.table))


def _routine(session: Session, tree: exp.Create, ref: RoutineRef, *, by_table: bool) -> Routine:
    properties = tree.args.get("properties")
    for one in properties.expressions if properties is not None else ():
        if isinstance(one, exp.LanguageProperty):
            raise UnsupportedError(f"a function in {one.this.name}{at(tree)}")
        if not isinstance(one, exp.ReturnsProperty) and type(one) is not exp.Property:
            raise UnsupportedError(f"{type(one).__name__} of a function{at(tree)}")
    returns = properties.find(exp.ReturnsProperty) if properties is not None else None
    options = options_of(session, properties)
    if set(options) - {"description"}:
        raise UnsupportedError(f"options {', '.join(sorted(options))} of a function{at(tree)}")
    body = tree.meta.get("body") or tree.expression.sql("bigquery")
    if by_table != isinstance(tree.expression, exp.Select | exp.SetOperation) or not body:
        raise UnsupportedError(f"a function without AS (expression){at(tree)}")
    moment = now_ms()
    return Routine(
        ref=ref,
        kind=TABLE_VALUED if by_table else SCALAR,
        body=str(body),
        arguments=tuple(_argument(one) for one in tree.this.expressions),
        returns=_returns(returns),
        kept={"description": options["description"]} if options.get("description") else {},
        created=moment,
        modified=moment,
    )


def _argument(node: exp.Expr) -> dict[str, Any]:
    kind = node.args["kind"]
    if kind.this == exp.DType.VARIANT:
        return {"name": node.name, "argumentKind": "ANY_TYPE"}
    return {"name": node.name, "dataType": _type_rest(kind_of_type(kind))}


def _returns(node: exp.Expr | None) -> dict[str, Any] | None:
    if node is None:
        return None
    if node.args.get("is_table"):
        columns = [
            {"name": one.name, "type": _type_rest(kind_of_type(one.args["kind"]))}
            for one in node.this.expressions
        ]
        return {"columns": columns}
    return _type_rest(kind_of_type(node.this))


def _type_rest(kind: Kind) -> dict[str, Any]:
    """A type as a StandardSqlDataType."""
    if kind.element is not None:
        return {"typeKind": "ARRAY", "arrayElementType": _type_rest(kind.element)}
    if kind.name == "STRUCT":
        fields = [
            {"type": _type_rest(inner)}
            if name.startswith("_field_")
            else {"name": name, "type": _type_rest(inner)}
            for name, inner in kind.fields
        ]
        return {"typeKind": "STRUCT", "structType": {"fields": fields}}
    return {"typeKind": kind.name}
