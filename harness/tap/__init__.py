"""What is loaded inside Mage's process: ``site/`` is put on its PYTHONPATH.

Everything below ``site/`` uses the standard library only and runs on Python 3.8 and later, since
it is loaded by the interpreter of Mage's environment, not by the harness's.
"""

from __future__ import annotations

from pathlib import Path

SITE = Path(__file__).parent / "site"
EVENTS_VARIABLE = "MAGE_HARNESS_EVENTS"
STACKS_VARIABLE = "MAGE_HARNESS_STACKS"
