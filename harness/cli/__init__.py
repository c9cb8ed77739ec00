"""The command ``mage-harness``: each subcommand calls one function of the package."""

from __future__ import annotations

from harness.cli.main import main

__all__ = ["main"]
