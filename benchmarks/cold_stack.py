"""A new Python process that starts all services and says so; it ends them when stdin ends."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.services.stack import Stack
from harness.settings import load_settings

with Stack(load_settings(start=Path(__file__).parent)) as stack:
    stack.start()
    stack.postgres.connect().close()
    print("ready", flush=True)
    sys.stdin.read()
