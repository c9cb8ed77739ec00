"""Builds a network namespace around a command, and stands at its gate.

What ``enter`` imports is waited for at each run, so it does without ``typing`` and ``pathlib``,
which take longer to import than all that it does.

Two processes: one enters the namespace and becomes the command (``enter``); the other stays
outside and lets through what may pass (``gate``). Imported by a bare interpreter as the top-level
package ``wall``, hence the relative imports.
"""

TOLD = b"told"
"""What the gate says when it ends because it was asked to; else, it says why it ended."""
