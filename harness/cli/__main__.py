"""``python -m harness.cli``: the command, where it is started by its own module."""

from harness.cli import main

main()
