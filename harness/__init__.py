"""A test-first integration harness for Mage data pipelines.

The public names are imported when they are first used: the plugin and the command start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.errors import HarnessError
    from harness.expect import Expect
    from harness.mage import Mage
    from harness.problem import Problem
    from harness.running.block_run import BlockRun
    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.services.protocol import Incident, Service, Sink
    from harness.services.stack import Stack
    from harness.settings import Settings, load_settings

__all__ = [
    "BlockRun",
    "Expect",
    "HarnessError",
    "Incident",
    "Mage",
    "PipelineRun",
    "Problem",
    "Service",
    "Session",
    "Settings",
    "Sink",
    "Stack",
    "load_settings",
]

_HOMES = {
    "BlockRun": "harness.running.block_run",
    "Expect": "harness.expect",
    "HarnessError": "harness.errors",
    "Incident": "harness.services.protocol",
    "Mage": "harness.mage",
    "PipelineRun": "harness.running.result",
    "Problem": "harness.problem",
    "Service": "harness.services.protocol",
    "Session": "harness.running.session",
    "Settings": "harness.settings",
    "Sink": "harness.services.protocol",
    "Stack": "harness.services.stack",
    "load_settings": "harness.settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
