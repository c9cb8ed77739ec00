"""A command that runs in a container beside its own program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.containers.explain import explained

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.containers.engine import Engine


class Execution:
    """One command, started when this is made; nobody waits for it.

    The engine cannot end it: who wants that sends a signal from inside (``Container.run``).

    Attributes:
        id: The engine's id for it.

    Raises:
        ServiceError: The container or the engine is gone, or has no such program.
    """

    def __init__(
        self,
        engine: Engine,
        container: str,
        command: Sequence[str],
        *,
        name: str,
        environment: Mapping[str, str] | None,
        workdir: str | None,
    ) -> None:
        self._engine = engine
        self._name = name
        api = engine.client.api
        with explained(engine, doing=f"executing {command[0]} in {name}"):
            self.id: str = api.exec_create(
                container,
                list(command),
                stdout=False,
                stderr=False,
                environment=dict(environment or {}),
                workdir=workdir,
            )["Id"]
            api.exec_start(self.id, detach=True)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet.

        Raises:
            ServiceError: The engine is gone, or the container is.
        """
        return bool(self._inspected()["Running"])

    @property
    def exit_status(self) -> int | None:
        """Its status, or None while it runs; 128 and the signal's number if a signal ended it.

        Raises:
            ServiceError: The engine is gone, or the container is.
        """
        status = self._inspected()["ExitCode"]
        return None if status is None else int(status)

    def _inspected(self) -> dict[str, Any]:
        with explained(self._engine, doing=f"looking at a command in {self._name}"):
            found: dict[str, Any] = self._engine.client.api.exec_inspect(self.id)
        return found
