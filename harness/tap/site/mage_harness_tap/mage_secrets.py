"""Mage's secrets: those of the settings, since the database that they are kept in is not here."""

import functools
import json
import os
import sys
from types import FrameType
from typing import Any, Callable, Dict

from mage_harness_tap import blocks, events, place
from mage_harness_tap.after_import import after_import

SECRETS_VARIABLE = "MAGE_HARNESS_LENT"
_TEMPLATES = "jinja2."


def watch() -> None:
    """Watch ``mage_ai.data_preparation.shared.secrets``."""
    secrets = json.loads(os.environ.get(SECRETS_VARIABLE) or "{}")
    after_import(
        "mage_ai.data_preparation.shared.secrets", functools.partial(_watch_secrets, secrets)
    )


def _watch_secrets(secrets: Dict[str, str], module: Any) -> None:
    for name in ("get_secret_value", "get_secret_value_db_safe"):
        if hasattr(module, name):
            setattr(module, name, _answered(secrets, getattr(module, name)))


def _answered(secrets: Dict[str, str], get: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(get)
    def got(name: str, *args: Any, **kwargs: Any) -> Any:
        if name in secrets:
            return secrets[name]
        # io_config.yaml is rendered whole, and most of it may be for others; what a pipeline
        # needs of it is looked at before the run.
        line = place.of_caller()
        if line is not None and not _in_template(sys._getframe(1)):
            events.emit("secret_unset", block=blocks.current(), line=line, name=name)
        return get(name, *args, **kwargs)

    return got


def _in_template(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith(_TEMPLATES)
