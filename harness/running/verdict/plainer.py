"""Errors that say too little, or bury it, in plainer words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.project.model import Block

_EXPECTATIONS = re.compile(
    r"Exception: (Expectations from extension .+ for block .+ failed):\s*(\{.*\})\s*", re.DOTALL
)
_IMPORTS = re.compile(r"_DeadlockError: deadlock detected by _ModuleLock\('([\w.]+)'\).*")
_FACTS = frozenset(
    {"element_count", "observed_value", "partial_unexpected_list", "unexpected_count"}
)


def plainer(block: Block, error: str) -> str:
    """The error of a block, as its reader would have it.

    Args:
        block: The block that failed.
        error: Class and message of the exception.
    """
    if block.language == "r" and error.startswith("FileNotFoundError") and "Rscript" in error:
        return (
            "this block is in R, and there is no R here, whose program Rscript Mage calls: install "
            "R, or run with --provider docker, in an image that has it"
        )
    deadlock = _IMPORTS.fullmatch(error)
    if deadlock:
        package = deadlock[1].partition(".")[0]
        return (
            f"{error}: two blocks that ran side by side imported {package} and a part of it at the "
            "same moment, which CPython ends so, in production too: run again, import "
            f"{package} itself first in both blocks, or make one of them upstream of the other"
        )
    found = _EXPECTATIONS.fullmatch(error)
    return f"{found[1]}: {_expectation(found[2])}" if found else error


def _expectation(text: str) -> str:
    """What Great Expectations tells of an expectation that does not hold, on a line."""
    try:
        told: dict[str, Any] = json.loads(text)
        config, result = told["expectation_config"], told["result"]
        given = {key: value for key, value in config["kwargs"].items() if key != "batch_id"}
    except (KeyError, ValueError, TypeError, AttributeError):
        return text
    arguments = ", ".join(f"{key}={value!r}" for key, value in given.items())
    facts = ", ".join(
        f"{key} {value}" for key, value in result.items() if key in _FACTS and value not in ([], {})
    )
    return f"{config.get('expectation_type')}({arguments}){'; ' if facts else ''}{facts}"
