"""What a pipeline's contract says of how its data is compared with that of another run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.contracts.reader import Document


def keys_of(document: Document | None) -> dict[str, tuple[str, ...]]:
    """The columns that identify a row, by the sink's name.

    Args:
        document: The contract; None where there is none.
    """
    rules = {} if document is None else document.contract.sinks()
    return {name: rule.key.columns for (_, name), rule in rules.items() if rule.key is not None}


def volatile_of(document: Document | None) -> set[str]:
    """The columns that may have other values in each run.

    Args:
        document: The contract; None where there is none.
    """
    rules = {} if document is None else document.contract.sinks()
    return {
        name
        for rule in rules.values()
        for name, column in (rule.columns or {}).items()
        if column is not None and column.volatile
    }
