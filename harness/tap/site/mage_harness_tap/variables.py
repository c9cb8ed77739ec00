"""What became of the runtime variables.

Mage prints a traceback for those that are not JSON, and runs with the defaults.
"""

import functools
import json
from typing import Any, Dict, List, Mapping

from mage_harness_tap import events

_given: Dict[str, Any] = {}


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
        parsed = parse(text)
        if isinstance(parsed, dict):
            _given.update(parsed)
        return parsed

    module.parse_runtime_variables = watched


def given() -> Dict[str, Any]:
    """The runtime variables that the run was given."""
    return dict(_given)


def unseen(seen: Mapping[str, Any]) -> List[str]:
    """The names of runtime variables that a block does not get as they were given.

    Args:
        seen: The keyword arguments of the block's function.
    """
    return sorted(name for name, value in _given.items() if _other(seen.get(name), value))


def _other(seen: Any, given: Any) -> bool:
    try:
        return bool(seen != given)
    except Exception:
        # An array or a frame that took the name compares to no single truth.
        return True
