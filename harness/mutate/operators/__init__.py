"""The kinds of changes, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from harness.mutate.operators import (
    aggregates,
    calls,
    comparisons,
    configured,
    filters,
    names,
    numbers,
    statements,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

    from harness.mutate.change import Change
    from harness.mutate.columns import Columns
    from harness.mutate.pysource import PySource

    Find: TypeAlias = Callable[[ast.AST, PySource, Columns], Iterator[Change]]

OPERATORS = {
    "filter": "a filter that is not applied: df[mask], .query(), .dropna(), WHERE, DISTINCT",
    "call": "a step that is left out: .fillna(), .astype(), .round(), .strip(), .rename()",
    "boundary": "a comparison that takes its limit in, or leaves it out: > and >=",
    "negation": "a comparison or a mask that says the opposite: == and !=, ~mask and mask",
    "logic": "& for |, and for or",
    "number": "a whole number that is one too great",
    "arithmetic": "+ for -, * for /",
    "column": "a column for another one of the same frame and type",
    "mapping": "two values of a dictionary that have changed places",
    "option": "an option with another value: if_exists='append', index=True, UNION ALL",
    "order": "a sort in the other direction",
    "join": "how='inner' for 'left', JOIN for LEFT JOIN",
    "unit": "a unit of time for the next one: 'ms' for 's', .dt.month for .dt.year",
    "aggregate": "sum for mean, min for max, count for nunique",
    "statement": "a column that is not set, or a change in place that is not made",
}
PYTHON: tuple[Find, ...] = (
    filters.masks,
    filters.conditions,
    calls.steps,
    comparisons.boundaries,
    comparisons.negations,
    comparisons.logic,
    numbers.numbers,
    numbers.arithmetic,
    names.columns,
    names.mappings,
    configured.options,
    aggregates.aggregates,
    statements.statements,
)
