"""A container that another process of the same user owns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.containers.container import Container

if TYPE_CHECKING:
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
            container,
            remove=lambda: None,
            network=world.network,
            host=world.host,
        )
