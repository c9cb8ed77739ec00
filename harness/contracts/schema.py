"""The JSON Schema of a contract's file, by which editors complete and check it."""

from __future__ import annotations

import json
from typing import Any

from harness.contracts.model import Contract

FILE_NAME = "contract.schema.json"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The schema as it is published: docs/contract.schema.json."""
    schema = _plain(Contract.model_json_schema())
    head = {"$schema": _DRAFT, "title": "A contract: what a pipeline of Mage leaves behind"}
    return json.dumps(head | {"type": "object"} | schema | head, indent=2) + "\n"


def _plain(part: Any, *, names: bool = False) -> Any:
    """The schema without what pydantic adds for programs: titles of its own, and defaults."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _plain(value, names=name in ("properties", "$defs") and not names)
        for name, value in part.items()
        if names or name not in ("title", "default")
    }
