"""The project's own io_config.yaml, led as Mage reads it: who works on a project edits no copy.

The rules are those of ``harness/project/io_config.py``, which writes the copy of a run.
"""

import functools
import json
import os
from typing import Any, Dict

from mage_harness_tap.after_import import after_import

VARIABLE = "MAGE_HARNESS_IO_CONFIG"
_INLINE_KEY, _KEY_FILE = "GOOGLE_SERVICE_ACC_KEY", "GOOGLE_SERVICE_ACC_KEY_FILEPATH"


def watch() -> None:
    """Watch ``mage_ai.io.config``, where there are keys to lead by."""
    values = json.loads(os.environ.get(VARIABLE) or "{}")
    if values:
        after_import("mage_ai.io.config", functools.partial(_watch, values))


def _watch(values: Dict[str, str], module: Any) -> None:
    loader = module.ConfigFileLoader
    begin = loader.__init__

    @functools.wraps(begin)
    def begun(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        if isinstance(self.config, dict):
            paths = {str(key): path for key, path in loader.KEY_MAP.items()}
            self.config = led(self.config, values, paths=paths)

    loader.__init__ = begun


def led(config: Dict[str, Any], values: Dict[str, str], *, paths: Dict[str, Any]) -> Dict[str, Any]:
    """A profile with the addresses and credentials of the private services.

    Args:
        config: The profile, in Mage's flat form or in its nested one.
        values: Keys of the flat form, and their values.
        paths: For a key of the flat form, where the nested form has it.
    """
    families = {_family(key) for key in config}
    wanted = {key: value for key, value in values.items() if _family(key) in families}
    if "POSTGRES_HOST" in wanted and "POSTGRES_CONNECTION_METHOD" in config:
        wanted.setdefault("POSTGRES_CONNECTION_METHOD", "direct")
    found = {**config, **wanted}
    if _KEY_FILE in wanted:
        found.pop(_INLINE_KEY, None)
    for key, value in values.items():
        path = paths.get(key)
        if isinstance(path, tuple) and len(path) == 2:  # noqa: PLR2004 - a section and a name
            section, name = str(path[0]), str(path[1])
            if isinstance(found.get(section), dict):
                found[section] = {**found[section], name: value}
                if key == _KEY_FILE:
                    found[section].pop(str(paths[_INLINE_KEY][1]), None)
    return found


def _family(key: Any) -> str:
    return str(key).split("_", 1)[0]
