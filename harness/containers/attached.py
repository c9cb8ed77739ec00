"""A container that another process of the same user owns."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from harness.containers.container import Container

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

    from harness.containers.spec import Spec
    from harness.containers.world import World


class AttachedContainer(Container):
    """Can be asked, and commands can be executed in it; its owner removes it.

    Args:
        world: A world on the same network.
        spec: What it was made from, for messages.
        container: The engine's id for it.
    """

    def __init__(self, world: World, spec: Spec, container: str) -> None:
        super().__init__(
            world.engine,
            spec,
            cast("DockerContainer", _Known(container)),
            network=world.network,
            host=world.host,
        )

    def stop(self) -> None:
        """Nothing: it is not ours."""


class _Known:
    """What stands for Testcontainers' own object."""

    def __init__(self, container: str) -> None:
        self._container = container

    def get_container_id(self) -> str:
        """The engine's id."""
        return self._container
