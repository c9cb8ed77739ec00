"""A program that ends by itself, run as the user that a server of databases runs as."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from harness.services.embedded.account import Account


def run_as(
    who: Account,
    command: Sequence[str | os.PathLike[str]],
    *,
    environment: Mapping[str, str],
    given: str = "",
) -> tuple[int, str]:
    """Run it to its end.

    Args:
        who: The user.
        command: The program and its arguments.
        environment: All variables that it gets.
        given: What it reads, where no other process can read it.

    Returns:
        Its exit status, and what it wrote.
    """
    user, group = who.switch or (None, None)
    done = subprocess.run(
        command,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=environment,
        user=user,
        group=group,
        extra_groups=None if user is None else [],
        start_new_session=True,
    )
    return done.returncode, done.stdout
