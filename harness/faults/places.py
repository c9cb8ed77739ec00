"""Where calls meet faults: gates before the private services, and the proxy of recorded HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.faults import http, postgres
from harness.gates.gate import Gate
from harness.machine.ports import HOST
from harness.services.protocol import Listening

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from harness.faults.fault import Call, Fault
    from harness.gates.gate import Reader
    from harness.running.session import Session


class Places:
    """The places of one test.

    Args:
        session: Whose services they are before.
        meet: Gives the fault that a call meets.
        closing: Takes them away again.
    """

    def __init__(
        self, session: Session, *, meet: Callable[[Call], Fault | None], closing: ExitStack
    ) -> None:
        self._session = session
        self._meet = meet
        self._closing = closing
        self._made: set[str] = set()

    def make(self, service: str) -> None:
        """Have calls to a service meet faults, in the runs that begin from now on.

        Args:
            service: The service's name.

        Raises:
            InputError: It is not the harness's own, or not on this machine.
        """
        if service in self._made:
            return
        self.require_own(service)
        if service == "http":
            self._ask()
        else:
            self._open(service)
        self._made.add(service)

    def require_own(self, service: str) -> None:
        """Return if trouble can be made of it.

        Args:
            service: The service's name, or ``clock``.

        Raises:
            InputError: It is not the harness's own, or not on this machine.
        """
        settings = self._session.settings
        if settings.provider == "docker" or getattr(settings, service, None):
            raise InputError(
                f"faults of {service} cannot be declared here",
                cause="the gate that makes them is before the harness's own services on this "
                "machine, and containers and given servers are reached otherwise",
                remedy="run these tests with --provider embedded, and without a given address",
            )

    def _open(self, service: str) -> None:
        stack = self._session.stack
        found = stack.service(service)
        if not isinstance(found, Listening):
            raise InputError(f"{service} listens nowhere", remedy="declare no fault of it")
        reader: Reader = (
            postgres.reader_of(self._meet)
            if service == "postgres"
            else http.reader_of(service, self._meet)
        )
        to = found.listens_at
        gate = self._closing.enter_context(Gate(host=HOST, to=to, reader=reader))
        stack.gates[service] = (to[1], gate.port)
        self._closing.callback(stack.gates.pop, service, None)

    def _ask(self) -> None:
        proxy = self._session.stack.http
        proxy.trouble(http.trouble_of(self._meet))
        self._closing.callback(proxy.trouble, None)
