"""Which further services a pipeline's source asks for: the others start for each."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.inspect.inspection import inspect
from harness.services.catalogue import asked_for, further_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.project.model import Pipeline, Project

_NAMED = re.compile(r"\{(\w+)\}")


def further_services(
    project: Project, pipeline: Pipeline, *, env: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, ...]:
    """The services that a pipeline, or one that it triggers, reads, writes or imports a client of.

    What cannot be seen in the source starts none: a test asks for it by its fixture, or a seed.

    Args:
        project: The project.
        pipeline: The pipeline.
        env: The settings' variables: one that is read asks for the service that it names in braces.
    """
    known = {one.uuid: one for one in project.pipelines}
    services: set[str] = set()
    packages: set[str] = set()
    ahead, seen = [pipeline.uuid], set()
    while ahead:
        uuid = ahead.pop()
        if uuid in seen or uuid not in known:
            continue
        seen.add(uuid)
        found = inspect(project, known[uuid])
        services.update(found.services)
        read = {use.name for use in found.of("environment")} & set(env)
        named = (one for name in read for one in _NAMED.findall(env[name]))
        services.update(service for one in named if (service := further_of(one)))
        packages.update(use.name.partition(".")[0] for use in found.of("package"))
        ahead += [use.value or use.name for use in found.of("pipeline")]
    return asked_for(services=services, packages=packages)
