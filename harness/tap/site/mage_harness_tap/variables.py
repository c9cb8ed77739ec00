"""Mage prints a traceback for runtime variables that are not JSON and runs with the defaults."""

import functools
import json
from typing import Any

from mage_harness_tap import events


def watch(module: Any) -> None:
    """Watch ``mage_ai.cli.utils.parse_runtime_variables``."""
    parse = module.parse_runtime_variables

    @functools.wraps(parse)
    def watched(text: Any) -> Any:
        try:
            if text:
                json.loads(text)
        except ValueError as error:
            events.emit("variables_invalid", text=text, message=str(error))
        return parse(text)

    module.parse_runtime_variables = watched
