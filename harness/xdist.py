"""pytest-xdist: the controller owns the slow services, each worker has its own part of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.services.desk import Desk
    from harness.services.visitor import Visitor
    from harness.settings import Settings

_INPUT = "mage_harness_desk"
_DESK: pytest.StashKey[Desk] = pytest.StashKey()


def invite(node: Any) -> None:
    """Tell a new worker where to ask for services; none starts before one is asked for.

    Args:
        node: xdist's controller of the worker.
    """
    from harness.report.pytest import Progress  # noqa: PLC0415 - only where there are workers
    from harness.services.desk import Desk  # noqa: PLC0415

    stash = node.config.stash
    if _DESK not in stash:
        stash[_DESK] = Desk(progress=Progress(node.config))
    node.workerinput[_INPUT] = stash[_DESK].invitation


def close_desk(config: pytest.Config) -> None:
    """Stop what workers asked for.

    Args:
        config: The controller's.
    """
    if _DESK in config.stash:
        config.stash[_DESK].close()


def visitor_of(config: pytest.Config, settings: Settings) -> Visitor | None:
    """What asks the controller for services; None in a process that is nobody's worker.

    Args:
        config: Of the present process.
        settings: The settings that services are to be started with.
    """
    from harness.services.visitor import Visitor  # noqa: PLC0415

    given = getattr(config, "workerinput", {}).get(_INPUT)
    return None if given is None else Visitor(given, settings=settings)
