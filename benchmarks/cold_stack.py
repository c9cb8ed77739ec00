"""Starts all services of a provider, says so, and ends them when its input ends."""

from __future__ import annotations

import sys
from pathlib import Path

from harness.services.stack import Stack
from harness.settings import load_settings

settings = load_settings(start=Path(__file__).parent, options={"provider": sys.argv[1]})
with Stack(settings) as stack:
    stack.start()
    stack.postgres.connect().close()
    print("ready", flush=True)
    sys.stdin.read()
