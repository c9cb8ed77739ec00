"""INSERT, UPDATE, DELETE and MERGE: one at a time, each wholly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.assignment import check, is_literal, literal_columns, values_as_query
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partition_limits import check_changed
from harness.bigquery.partitions import PARTITION_TIME
from harness.bigquery.queries import result_fields
from harness.bigquery.sql.translate import name_parts
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
        if isinstance(source, exp.Values):
            source = values_as_query(source)
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
        cells = [f"CAST(c{n} AS {one.duckdb_type})" for n, one in enumerate(fields)]
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
    if tree.args.get("from_"):
        raise UnsupportedError("UPDATE ... FROM")
    with session.catalog.lock, session.catalog.reading():
        table = _target(session, tree.this)
        session.check_filter(table)
        alias = quoted(tree.this.alias or table.ref.table)
        fields, values = [], []
        for one in tree.expressions:
            fields.append(_column(table, one.this))
            values.append(_expression(session, one.expression))
        probe = f"SELECT {', '.join(values)} FROM {table.rows_in} AS {alias}"  # noqa: S608
        literals = [is_literal(one.expression) for one in tree.expressions]
        check(fields, _plain_fields(session, probe), literals, verb="assigned to")
        sets = ", ".join(
            f"{quoted(field.name)} = CAST({value} AS {field.duckdb_type})"
            for field, value in zip(fields, values, strict=True)
        )
        condition = _expression(session, where.this)
        statement = f"UPDATE {table.rows_in} AS {alias} SET {sets} WHERE {condition}"  # noqa: S608
        return _done(session, table, statement, kind="UPDATE", dry=dry)


def _delete(session: Session, tree: exp.Delete, *, dry: bool) -> Outcome:
    where = tree.args.get("where")
    if where is None:
        raise ApiError("invalidQuery", "DELETE must have a WHERE clause at [1:1]")
    named = tree.this or (tree.args.get("tables") or [None])[0]
    with session.catalog.lock, session.catalog.reading():
        table = _target(session, named)
        session.check_filter(table)
        alias = quoted(named.alias or table.ref.table)
        condition = _expression(session, where.this)
        statement = f"DELETE FROM {table.rows_in} AS {alias} WHERE {condition}"  # noqa: S608
        return _done(session, table, statement, kind="DELETE", dry=dry)


def _merge(session: Session, tree: exp.Merge, *, dry: bool) -> Outcome:
    with session.catalog.lock, session.catalog.reading():
        table = _target(session, tree.this)
        alias = quoted(tree.this.alias or table.ref.table)
        using = tree.args["using"]
        source = session.sql(exp.Select(expressions=[exp.Star()]).from_(using.copy()))
        source = source.removeprefix("SELECT * FROM ")
        condition = _expression(session, tree.args["on"])
        joined = f"{table.rows_in} AS {alias} JOIN {source} ON {condition}"
        clauses = [
            _clause(session, table, when, alias=alias, source=source)
            for when in tree.args["whens"].expressions
        ]
        if any(when.args.get("matched") for when in tree.args["whens"].expressions):
            _refuse_double_matches(session, joined, alias)
        statement = (
            f"MERGE INTO {table.rows_in} AS {alias} USING {source} ON {condition} "
            + " ".join(clauses)
        )
        return _done(session, table, statement, kind="MERGE", dry=dry)


def _clause(session: Session, table: Table, when: exp.When, *, alias: str, source: str) -> str:
    if when.args.get("matched"):
        head, scope = "WHEN MATCHED", f"{table.rows_in} AS {alias}, {source}"
    elif when.args.get("source"):
        head, scope = "WHEN NOT MATCHED BY SOURCE", f"{table.rows_in} AS {alias}"
    else:
        head, scope = "WHEN NOT MATCHED", source
    if when.args.get("condition"):
        head += f" AND {_expression(session, when.args['condition'])}"
    then = when.args["then"]
    if isinstance(then, exp.Update):
        pairs = [(_column(table, one.this), one.expression) for one in then.expressions]
        values = _checked_values(session, pairs, scope, verb="assigned to")
        sets = ", ".join(
            f"{quoted(field.name)} = {value}"
            for (field, _), value in zip(pairs, values, strict=True)
        )
        return f"{head} THEN UPDATE SET {sets}"
    if isinstance(then, exp.Insert):
        if not isinstance(then.expression, exp.Tuple):
            raise UnsupportedError("MERGE ... INSERT ROW")
        names = [one.name for one in then.this.expressions] if then.this else None
        fields = _columns(table, names)
        given = then.expression.expressions
        if len(given) != len(fields):
            raise ApiError(
                "invalidQuery",
                f"Inserted row has wrong column count; Has {len(given)}, expected {len(fields)}",
            )
        values = _checked_values(
            session, list(zip(fields, given, strict=True)), scope, verb="inserted into"
        )
        targets = [quoted(field.name) for field in fields]
        if table.partitioning is not None and table.pseudo:
            targets.append(quoted(PARTITION_TIME))
            values.append(table.partitioning.now_sql())
        return f"{head} THEN INSERT ({', '.join(targets)}) VALUES ({', '.join(values)})"  # noqa: S608
    return f"{head} THEN DELETE"


def _checked_values(
    session: Session, pairs: Sequence[tuple[Field, exp.Expr]], scope: str, *, verb: str
) -> list[str]:
    values = [_expression(session, value) for _, value in pairs]
    found = _plain_fields(session, f"SELECT {', '.join(values)} FROM {scope}")  # noqa: S608
    fields = [field for field, _ in pairs]
    check(fields, found, [is_literal(value) for _, value in pairs], verb=verb)
    return [
        f"CAST({value} AS {field.duckdb_type})" for field, value in zip(fields, values, strict=True)
    ]


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


def _expression(session: Session, node: exp.Expr) -> str:
    """A scalar expression as DuckDB's SQL."""
    sql = session.sql(exp.Select(expressions=[exp.alias_(node.copy(), "__e")]))
    return f"({sql.removeprefix('SELECT ').removesuffix(' AS __e')})"


def _plain_fields(session: Session, sql: str) -> tuple[Field, ...]:
    with session.cursor() as cursor:
        kinds = cursor.sql(sql).types
    columns = ", ".join(f"c{number}" for number in range(len(kinds)))
    return result_fields(session, f"SELECT * FROM ({sql}) AS q({columns})")  # noqa: S608
