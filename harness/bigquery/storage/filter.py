"""Which rows a read session reads: ``row_restriction`` and ``sample_percentage`` as SQL."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.parse import parse
from harness.bigquery.statements.changes import condition_sql, target_scope
from harness.bigquery.statements.statement import Session, Statement

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table

ALIAS = "_read"
_LONGEST = 1 << 20
# Their answers change from call to call; of RAND and its like all are told apart by name.
_VOLATILE = (
    exp.CurrentDate,
    exp.CurrentDatetime,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.Rand,
    exp.Uuid,
)
_PARTS = {"kind", "expressions", "from_", "where"}
_STEPS = 1_000_000


def condition(catalog: Catalog, table: Table, text: str) -> tuple[str, bool]:
    """A ``row_restriction`` as SQL over the table as ``_read``, and whether it may change.

    Args:
        catalog: The catalog.
        table: The table.
        text: The restriction: what could stand behind WHERE; empty for none.

    Raises:
        ApiError: It is no condition, or the table requires one on its partitions.
    """
    if len(text.encode()) > _LONGEST:
        raise ApiError("invalid", "Row restriction is longer than 1 MB")
    ref = table.ref
    where = f" WHERE (\n{text}\n)" if text.strip() else ""
    statement = Statement(
        text=f"SELECT * FROM `{ref.project}.{ref.dataset}.{ref.table}` AS {ALIAS}{where}",  # noqa: S608
        project=ref.project,
    )
    try:
        session = Session(catalog=catalog, statement=statement, tree=parse(statement.text))
        session.check_filter(table)
        if not where:
            return "", False
        tree = _checked(session.tree)
        named = session.tree.find(exp.Table)
        scope = target_scope(session, table, named or exp.Table())
        sql = condition_sql(session, tree, scope)
        with session.cursor() as cursor:
            # What DuckDB alone can tell is told before the session is made.
            cursor.sql(f"SELECT 1 FROM {table.rows_in} AS {ALIAS} WHERE {sql}")  # noqa: S608
    except UnsupportedError:
        raise
    except ApiError as error:
        raise ApiError(error.reason, f"Query error: {_placed(error.message)}") from error
    return sql, tree.find(*_VOLATILE) is not None


def _checked(tree: exp.Expr) -> exp.Expr:
    where = tree.args.get("where")
    parts = {name for name, value in tree.args.items() if value}
    if not isinstance(tree, exp.Select) or where is None or not parts <= _PARTS:
        raise ApiError("invalidQuery", "Syntax error: row restriction is not one condition")
    if where.find(exp.Query) is not None:
        raise UnsupportedError("a subquery in row_restriction")
    node: exp.Expr = where.this
    return node


def _placed(message: str) -> str:
    """The message with places in the restriction, which the statement has from line 2 on."""
    return re.sub(
        r"\[(\d+):(\d+)\]", lambda at: f"[{max(int(at[1]) - 1, 1)}:{at[2]}]", message, count=1
    )


def sample(table: Table, percentage: float) -> str:
    """SQL that lets through some rows of ``_read``, the same ones whenever it is asked.

    The real service takes whole blocks (TABLESAMPLE SYSTEM), so of a small table all rows or none;
    here each row has the same chance.

    Args:
        table: The table.
        percentage: From 0 to 100.

    Raises:
        ApiError: It is not.
    """
    if not 0 <= percentage <= 100:  # noqa: PLR2004
        raise ApiError(
            "invalid", f"Sample percentage must be between 0 and 100, but was {percentage}"
        )
    if table.hides_row_ids:
        # The id of a row has no name then; such a session is a copy from the start.
        return f"random() < {percentage / 100}"
    seed = secrets.randbits(31)
    limit = round(percentage / 100 * _STEPS)
    return f"hash({ALIAS}.rowid + {seed}) % {_STEPS} < {limit}"
