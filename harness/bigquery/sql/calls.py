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
        """Knows no function by name, and leaves arrays of FROM as they are written."""

        FUNCTIONS: dict[str, Callable[..., exp.Expr]] = {}  # noqa: RUF012
        FUNCTION_PARSERS = {  # noqa: RUF012
            name: BigQuery.Parser.FUNCTION_PARSERS[name] for name in _OWN_SYNTAX
        }
        PRIMARY_PARSERS = {  # noqa: RUF012
            kind: _placed(parser) for kind, parser in BigQuery.Parser.PRIMARY_PARSERS.items()
        }
        # A join in parentheses may begin with UNNEST.
        MODIFIABLES = (*BigQuery.Parser.MODIFIABLES, exp.Unnest)
        # Without the form ":name", which GoogleSQL has not.
        PLACEHOLDER_PARSERS = {  # noqa: RUF012
            TokenType.PARAMETER: BigQuery.Parser.PLACEHOLDER_PARSERS[TokenType.PARAMETER],
            TokenType.PLACEHOLDER: _placeholder,
        }

        def _implicit_unnests_to_explicit(self, this: Any) -> Any:
            return this

        def _parse_table_parts(self, *args: Any, **options: Any) -> Any:
            first = self._index
            table = super()._parse_table_parts(*args, **options)
            if options.get("is_db_reference"):
                # Of a dataset's name only the last two parts are kept in the tree.
                read = self._tokens[first : self._index]
                table.meta["written"] = "".join(one.text for one in read)
                table.meta["parts"] = 1 + sum(one.token_type == TokenType.DOT for one in read)
            return table

        def _parse_table(self, *args: Any, **options: Any) -> Any:
            table = super()._parse_table(*args, **options)
            if isinstance(table, exp.Table) and self._match_pair(TokenType.WITH, TokenType.OFFSET):
                self._match(TokenType.ALIAS)
                alias = self._parse_id_var(any_token=False, tokens=self.UNNEST_OFFSET_ALIAS_TOKENS)
                table.meta["offset"] = alias.name if alias else "offset"
            return table

        STATEMENT_PARSERS = {  # noqa: RUF012
            **BigQuery.Parser.STATEMENT_PARSERS,
            TokenType.ALTER: parse_alter,
        }


def known(node: exp.Expr) -> exp.Expr:
    """The same expression with sqlglot's own nodes of the functions that it knows."""
    if not node.find(exp.Anonymous):
        return node
    return sqlglot.parse_one(node.sql("bigquery"), read="bigquery")
