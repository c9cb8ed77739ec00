"""BigQuery's grammar as sqlglot has it, with each function call kept as it was written.

sqlglot would make its own node of a known function, in which the order of the arguments and the
name are lost; both are needed to check a call against its signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.tokens import TokenType  # type: ignore[attr-defined]

from harness.bigquery.sql.grammar_alter import parse_alter

if TYPE_CHECKING:
    from collections.abc import Callable


# Their arguments have a syntax of their own.
_OWN_SYNTAX = ("ARRAY", "CAST", "EXTRACT", "SAFE_CAST")


def _placed(parser: Callable[..., exp.Expr | None]) -> Callable[..., exp.Expr | None]:
    """The same parser, which also tells where a literal stands."""

    def parse(self: object, token: Any) -> exp.Expr | None:
        node = parser(self, token)
        if isinstance(node, exp.Literal | exp.Null | exp.Boolean):
            node.update_positions(token)
        return node

    return parse


def _placeholder(self: Any) -> exp.Expr:
    """A positional parameter, which also tells where it stands."""
    node = self.expression(exp.Placeholder())
    node.update_positions(self._prev)
    return node  # type: ignore[no-any-return]


class Calls(BigQuery):
    """GoogleSQL whose calls are all ``exp.Anonymous``."""

    class Parser(BigQuery.Parser):  # type: ignore[misc, valid-type]
        """Knows no function by name."""

        FUNCTIONS: dict[str, Callable[..., exp.Expr]] = {}  # noqa: RUF012
        FUNCTION_PARSERS = {  # noqa: RUF012
            name: BigQuery.Parser.FUNCTION_PARSERS[name] for name in _OWN_SYNTAX
        }
        PRIMARY_PARSERS = {  # noqa: RUF012
            kind: _placed(parser) for kind, parser in BigQuery.Parser.PRIMARY_PARSERS.items()
        }
        PLACEHOLDER_PARSERS = {  # noqa: RUF012
            **BigQuery.Parser.PLACEHOLDER_PARSERS,
            TokenType.PLACEHOLDER: _placeholder,
        }
        STATEMENT_PARSERS = {  # noqa: RUF012
            **BigQuery.Parser.STATEMENT_PARSERS,
            TokenType.ALTER: parse_alter,
        }


def known(node: exp.Expr) -> exp.Expr:
    """The same expression with sqlglot's own nodes of the functions that it knows."""
    if not node.find(exp.Anonymous):
        return node
    return sqlglot.parse_one(node.sql("bigquery"), read="bigquery")
