"""MariaDB's own process: what it is told first, and why it does not start."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from harness.errors import ServiceError
from harness.machine.program import Program
from harness.machine.space import NO_SPACE, full
from harness.machine.tenancy import AddressInUseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.services.embedded.account import Account

NAME = "MariaDB"
_READY = "ready for connections"
_TAKEN = "Address already in use"


def write_orders(file: Path, orders: Sequence[str], *, who: Account) -> None:
    """Write what the server carries out when it starts, where nobody else can read it.

    Args:
        file: The file; it is made anew.
        orders: Statements.
        who: Whom the server runs as.
    """
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text("".join(f"{order};\n" for order in orders))
    if who.lent:
        os.chown(file, who.uid, who.gid)


def launch(
    command: Sequence[str],
    *,
    folder: Path,
    guardian: Guardian,
    user: tuple[int, int] | None,
    environment: Mapping[str, str],
) -> Program:
    """Start the server and return when it accepts connections.

    Args:
        command: The program and its arguments.
        folder: The folder that takes its log.
        guardian: Who ends it when the harness cannot.
        user: The numbers of the user and group to run it as, or None for the present ones.
        environment: All variables that it gets, besides the guardian's.

    Raises:
        AddressInUseError: Somebody listens on the port.
        EnvironmentNotAbleError: The disk is full.
        ServiceError: It did not start for another reason; the message holds its log's end.
    """
    server = Program(
        command,
        name=NAME,
        log=folder / "server.log",
        guardian=guardian,
        environment=environment,
        # The data is thrown away.
        ending=signal.SIGKILL,
        user=user,
    )
    try:
        server.start(lambda: _READY in server.log)
    except ServiceError as error:
        said = f"{error}\n{server.log}"
        if NO_SPACE in said:
            raise full(folder, doing="starting MariaDB") from error
        if _TAKEN in said:
            raise AddressInUseError(str(error)) from error
        raise
    return server
