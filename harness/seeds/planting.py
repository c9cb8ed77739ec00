"""All seeds of a project, from their folder into the services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.plain import counted
from harness.seeds.plant import check_owned, plant
from harness.seeds.reader import read_seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from harness.services.stack import Stack
    from harness.settings import Settings


def plant_all(
    settings: Settings,
    stack: Stack,
    *,
    progress: Callable[[str], None],
    services: Collection[str] = (),
) -> None:
    """Put the project's seeds into the services.

    Args:
        settings: With the folder of fixtures, in which the seeds are.
        stack: The services.
        progress: Told in a line how many there are.
        services: Those whose seeds they are; none for all.

    Raises:
        InputError: A seed cannot be loaded.
        EnvironmentNotAbleError: A service cannot be started.
    """
    found = read_seeds(settings.fixtures / "seeds")
    seeds = [seed for seed in found if not services or seed.service in services]
    if seeds:
        check_owned(seeds, settings)
        progress(f"planting {counted(len(seeds), 'seed')}")
        plant(seeds, stack)
