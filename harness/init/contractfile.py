"""The contract of a pipeline before its first run: that what it writes must be there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.inspect.stored import Sink


_HINT = "# Seen in the source."


def contract_text(pipeline: str, leaves: Iterable[Sink]) -> str:
    """The text of the file.

    Args:
        pipeline: The pipeline's uuid.
        leaves: What it writes.
    """
    by_service: dict[str, list[str]] = {}
    for sink in sorted(leaves):
        by_service.setdefault(sink.service, []).append(sink.name)
    lines = [
        "# yaml-language-server: $schema=contract.schema.json",
        f"{_HINT} With rows and columns: mage-harness contract write {pipeline}",
        "contract: 1",
        f"pipeline: {json.dumps(pipeline)}",
    ]
    for service, names in by_service.items():
        lines.append(f"{service}:")
        lines += [f"  {json.dumps(name)}:" for name in names]
    return "\n".join(lines) + "\n"


def filled_in(text: str) -> str:
    """A contract that a run has filled in, without the line that it was not.

    Args:
        text: The contract.
    """
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_HINT))
