"""INSERT, UPDATE, DELETE and MERGE: one at a time, each wholly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.assignment import check, is_literal, literal_columns
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partition_limits import check_changed
from harness.bigquery.partitions import PARTITION_TIME
from harness.bigquery.queries import result_fields
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.sources import from_clause, item, name_parts, source_of
from harness.bigquery.statement import Outcome, Session
from harness.bigquery.types import Field, quoted
from harness.bigquery.views import refuse_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.entries import Table


def run(session: Session, *, dry: bool = False) -> Outcome:
    """Do a DML statement.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    tree = session.tree
    if isinstance(tree, exp.Insert):
        return _insert(session, tree, dry=dry)
    if isinstance(tree, exp.Update):
        return _update(session, tree, dry=dry)
    if isinstance(tree, exp.Delete):
        return _delete(session, tree, dry=dry)
    if isinstance(tree, exp.Merge):
        return _merge(session, tree, dry=dry)
    raise UnsupportedError(f"statement {tree.key.upper()}")


def _insert(session: Session, tree: exp.Insert, *, dry: bool) -> Outcome:
    target = tree.this
    names = None
    if isinstance(target, exp.Schema):
        names = [one.name for one in target.expressions]
        target = target.this
    source = tree.expression
    with session.catalog.lock, session.catalog.reading():
        table = _target(session, target)
        fields = _columns(table, names)
        for one in table.fields:
            if one.mode == "REQUIRED" and one not in fields:
                raise ApiError("invalidQuery", f"Required field {one.name} cannot be null")
        literals = literal_columns(source, len(fields))
        sql = session.sql(source)
        found = _plain_fields(session, sql)
        if len(found) != len(fields):
            raise ApiError(
                "invalidQuery",
                f"Inserted row has wrong column count; Has {len(found)}, expected {len(fields)}",
            )
        check(fields, found, literals, verb="inserted into")
        targets = [quoted(one.name) for one in fields]
        columns = ", ".join(f"c{number}" for number in range(len(fields)))
        cells = [
            f"CAST({'NULL' if literals[n] is None else f'c{n}'} AS {one.duckdb_type})"
            for n, one in enumerate(fields)
        ]
        if table.partitioning is not None and table.pseudo:
            targets.append(quoted(PARTITION_TIME))
            cells.append(table.partitioning.now_sql())
        statement = (
            f"INSERT INTO {table.rows_in} ({', '.join(targets)}) "  # noqa: S608
            f"SELECT {', '.join(cells)} FROM ({sql}) AS q({columns})"
        )
        return _done(session, table, statement, kind="INSERT", dry=dry)


def _update(session: Session, tree: exp.Update, *, dry: bool) -> Outcome:
    where = tree.args.get("where")
    if where is None:
        raise ApiError("invalidQuery", "UPDATE must have a WHERE clause at [1:1]")
    with session.catalog.lock, session.catalog.reading():
        table = _target(session, tree.this)
        session.check_filter(table)
        scope = _scope(session, table, tree.this)
        alias, joined = quoted(scope.sources[0].alias), ""
        if tree.args.get("from_"):
            joined = from_clause(session.translator(), session.bound(tree), scope)
        fields = [_column(table, one.this) for one in tree.expressions]
        if len({field.name for field in fields}) != len(fields):
            raise ApiError("invalidQuery", "Update item is assigned more than once")
        values = [_expression(session, one.expression, scope) for one in tree.expressions]
        condition = _condition(session, where.this, scope)
        probe = f"SELECT {', '.join(values)} FROM {table.rows_in} AS {alias}"  # noqa: S608
        probe += joined.replace(" FROM ", ", ", 1)
        literals = [is_literal(one.expression) for one in tree.expressions]
        check(fields, _plain_fields(session, probe), literals, verb="assigned to")
        sets = ", ".join(
            f"{quoted(field.name)} = {_cell(value, field, is_null=literal is None)}"
            for field, value, literal in zip(fields, values, literals, strict=True)
        )
        if joined:
            both = f"{table.rows_in} AS {alias}{joined.replace(' FROM ', ', ', 1)}"
            _refuse_double_matches(session, f"{both} WHERE {condition}", alias)
        statement = f"UPDATE {table.rows_in} AS {alias} SET {sets}{joined} WHERE {condition}"  # noqa: S608
        return _done(session, table, statement, kind="UPDATE", dry=dry)


def _delete(session: Session, tree: exp.Delete, *, dry: bool) -> Outcome:
    where = tree.args.get("where")
    if where is None:
        raise ApiError("invalidQuery", "DELETE must have a WHERE clause at [1:1]")
    named = tree.this or (tree.args.get("tables") or [None])[0]
    with session.catalog.lock, session.catalog.reading():
        table = _target(session, named)
        session.check_filter(table)
        scope = _scope(session, table, named)
        alias = quoted(scope.sources[0].alias)
        condition = _condition(session, where.this, scope)
        statement = f"DELETE FROM {table.rows_in} AS {alias} WHERE {condition}"  # noqa: S608
        return _done(session, table, statement, kind="DELETE", dry=dry)


def _merge(session: Session, tree: exp.Merge, *, dry: bool) -> Outcome:
    with session.catalog.lock, session.catalog.reading():
        table = _target(session, tree.this)
        scope = _scope(session, table, tree.this)
        alias = quoted(scope.sources[0].alias)
        source = item(session.translator(), session.bound(tree.args["using"]), scope)
        condition = _condition(session, tree.args["on"], scope)
        joined = f"{table.rows_in} AS {alias} JOIN {source} ON {condition}"
        clauses = [
            _clause(session, table, when, scope=scope, source=source)
            for when in tree.args["whens"].expressions
        ]
        if any(when.args.get("matched") for when in tree.args["whens"].expressions):
            _refuse_double_matches(session, joined, alias)
        statement = (
            f"MERGE INTO {table.rows_in} AS {alias} USING {source} ON {condition} "
            + " ".join(clauses)
        )
        return _done(session, table, statement, kind="MERGE", dry=dry)


def _clause(session: Session, table: Table, when: exp.When, *, scope: Scope, source: str) -> str:
    target = f"{table.rows_in} AS {quoted(scope.sources[0].alias)}"
    if when.args.get("matched"):
        head, rows, seen = "WHEN MATCHED", f"{target}, {source}", scope
    elif when.args.get("source"):
        head, rows = "WHEN NOT MATCHED BY SOURCE", target
        seen = Scope(sources=scope.sources[:1])
    else:
        head, rows, seen = "WHEN NOT MATCHED", source, Scope(sources=scope.sources[1:])
    if when.args.get("condition"):
        head += f" AND {_condition(session, when.args['condition'], seen)}"
    then = when.args["then"]
    if isinstance(then, exp.Update):
        pairs = [(_column(table, one.this), one.expression) for one in then.expressions]
        values = _checked_values(session, pairs, seen, rows, verb="assigned to")
        sets = ", ".join(
            f"{quoted(field.name)} = {value}"
            for (field, _), value in zip(pairs, values, strict=True)
        )
        return f"{head} THEN UPDATE SET {sets}"
    if isinstance(then, exp.Insert):
        names = None
        if isinstance(then.this, exp.Tuple):
            names = [one.name for one in then.this.expressions]
        fields = _columns(table, names)
        if isinstance(then.expression, exp.Tuple):
            given = then.expression.expressions
        else:
            # INSERT ROW takes all columns of the source, in their order.
            names = [one.name for one in seen.sources[0].columns if not one.hidden]
            given = [exp.column(one, table=seen.sources[0].alias) for one in names]
        if len(given) != len(fields):
            raise ApiError(
                "invalidQuery",
                f"Inserted row has wrong column count; Has {len(given)}, expected {len(fields)}",
            )
        values = _checked_values(
            session, list(zip(fields, given, strict=True)), seen, rows, verb="inserted into"
        )
        targets = [quoted(field.name) for field in fields]
        if table.partitioning is not None and table.pseudo:
            targets.append(quoted(PARTITION_TIME))
            values.append(table.partitioning.now_sql())
        return f"{head} THEN INSERT ({', '.join(targets)}) VALUES ({', '.join(values)})"  # noqa: S608
    return f"{head} THEN DELETE"


def _checked_values(
    session: Session,
    pairs: Sequence[tuple[Field, exp.Expr]],
    scope: Scope,
    rows: str,
    *,
    verb: str,
) -> list[str]:
    values = [_expression(session, value, scope) for _, value in pairs]
    found = _plain_fields(session, f"SELECT {', '.join(values)} FROM {rows}")  # noqa: S608
    fields = [field for field, _ in pairs]
    literals = [is_literal(value) for _, value in pairs]
    check(fields, found, literals, verb=verb)
    return [
        _cell(value, field, is_null=literal is None)
        for field, value, literal in zip(fields, values, literals, strict=True)
    ]


def _cell(value: str, field: Field, *, is_null: bool) -> str:
    return f"CAST({'NULL' if is_null else value} AS {field.duckdb_type})"


def _scope(session: Session, table: Table, named: exp.Table) -> Scope:
    alias = named.alias or table.ref.table
    return Scope(sources=[source_of(alias, session.found_table(table))])


def _condition(session: Session, node: exp.Expr, scope: Scope) -> str:
    expressions = session.translator().expressions
    return f"({expressions.boolean(session.bound(node), scope, clause='WHERE clause')})"


def _refuse_double_matches(session: Session, joined: str, alias: str) -> None:
    with session.cursor() as cursor:
        double = cursor.execute(
            f"SELECT 1 FROM {joined} GROUP BY {alias}.rowid HAVING count(*) > 1 LIMIT 1"  # noqa: S608
        ).fetchone()
    if double:
        raise ApiError(
            "invalidQuery",
            "UPDATE/MERGE must match at most one source row for each target row",
        )


def _done(session: Session, table: Table, statement: str, *, kind: str, dry: bool) -> Outcome:
    affected = 0
    if not dry:
        with session.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                row = cursor.execute(statement).fetchone()
                affected = int(row[0]) if row else 0
                if table.partitioning is not None:
                    check_changed(table, table.partitioning.counts(cursor, table.rows_in))
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
        session.catalog.put_table(table)
    names = {"INSERT": "insertedRowCount", "UPDATE": "updatedRowCount", "DELETE": "deletedRowCount"}
    dml = {names[kind]: affected} if kind in names else {}
    return Outcome(
        type=kind,
        affected=affected,
        dml=dml,
        tables=tuple(dict.fromkeys([*(one.ref for one in session.read), table.ref])),
        bytes=session.bytes_read(),
        target=table.ref,
    )


def _target(session: Session, named: exp.Table) -> Table:
    table = session.catalog.table(session.ref(name_parts(named)), location=session.location)
    refuse_view(table)
    return table


def _columns(table: Table, names: Sequence[str] | None) -> list[Field]:
    if names is None:
        return list(table.fields)
    known = {field.name.lower(): field for field in table.fields}
    for name in names:
        if name.lower() not in known:
            raise ApiError("invalidQuery", f"Column {name} is not present in table {table.ref}")
    return [known[name.lower()] for name in names]


def _column(table: Table, node: exp.Expr) -> Field:
    if not isinstance(node, exp.Column):
        raise UnsupportedError("assignment to a field of a STRUCT")
    return _columns(table, [node.name])[0]


def _expression(session: Session, node: exp.Expr, scope: Scope) -> str:
    """A scalar expression as DuckDB's SQL."""
    if isinstance(node, exp.Column) and node.name.upper() == "DEFAULT" and not node.table:
        raise UnsupportedError("DEFAULT as a value")
    value = session.translator().expressions.value(session.bound(node), scope)
    return "CAST(NULL AS BIGINT)" if value.kind.name == "NULL" else f"({value.sql})"


def _plain_fields(session: Session, sql: str) -> tuple[Field, ...]:
    with session.cursor() as cursor:
        kinds = cursor.sql(sql).types
    columns = ", ".join(f"c{number}" for number in range(len(kinds)))
    return result_fields(session, f"SELECT * FROM ({sql}) AS q({columns})")  # noqa: S608
