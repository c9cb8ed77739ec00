"""The services up, filled with the seeds, and what leads to them."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from harness.errors import InputError
from harness.nearest import meant
from harness.running.further import further_services
from harness.seeds.planting import plant_all
from harness.services.catalogue import FURTHER
from harness.services.provider import BaseProvider
from harness.up.connections import connections
from harness.up.env_file import remove_env_file, write_env_file
from harness.up.environment import OWNER, PASSWORD_VARIABLE, for_a_shell, variables_by_hand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from harness.project.model import Project
    from harness.services.stack import Stack
    from harness.settings import Settings

SERVICES = (*BaseProvider.names, *FURTHER)
_NAME = "env"


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """A running stack, for work by hand; as a context manager it takes its file away.

    Args:
        project: The project.
        stack: Its services, running.
        settings: Which Mage, and with which variables.
        env_file: Where the variables are written; a file of the stack's own folder if None.
        progress: Told what is being prepared, where that takes time.
    """

    project: Project
    stack: Stack
    settings: Settings
    env_file: Path | None = None
    progress: Callable[[str], None] = lambda _line: None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        remove_env_file(self.file)

    @property
    def file(self) -> Path:
        """Where the variables are written."""
        return self.env_file or self.stack.folder / _NAME

    @staticmethod
    def _mage(variables: Mapping[str, str]) -> str:
        return shlex.quote(shutil.which("mage", path=variables["PATH"]) or "mage")

    def opened(self) -> dict[str, str]:
        """Write the file.

        Returns:
            All variables of a program among the services.

        Raises:
            EnvironmentNotAbleError: Mage's environment cannot be made, or the file not written.
            InputError: The file is somebody else's, or a variable names something unknown.
        """
        variables = variables_by_hand(
            self.project, stack=self.stack, settings=self.settings, progress=self.progress
        )
        write_env_file(self.file, for_a_shell(variables))
        return variables

    def lines(self, variables: Mapping[str, str]) -> Iterator[str]:
        """How the services are reached, a line each.

        Args:
            variables: What ``opened`` gave.
        """
        for name, text in connections(variables):
            yield f"{name:<14} {text}"
        runs = self.stack.folder / "runs"
        if runs.is_dir():
            yield f"{'runs':<14} {runs}"
        yield f"{'Mage':<14} {self._mage(variables)} start {shlex.quote(str(self.project.path))}"
        yield f"{'to sign in':<14} {OWNER} {variables[PASSWORD_VARIABLE]}"
        yield f"{'variables':<14} . {self.file}"


def start(
    project: Project,
    *,
    stack: Stack,
    settings: Settings,
    pipelines: Sequence[str],
    services: Sequence[str],
    progress: Callable[[str], None],
) -> None:
    """Start services and put the project's seeds into them.

    Args:
        project: The project.
        stack: The services.
        settings: With the folder of the seeds.
        pipelines: By uuid: their further services start too; none for all of the project.
        services: Those that start, with what they need; none for what the pipelines need.
        progress: Told what is being done.

    Raises:
        InputError: There is no such pipeline or service, or a seed is not for these.
        HarnessError: A service did not start.
    """
    chosen = [project.pipeline(uuid) for uuid in pipelines] or list(project.pipelines)
    for name in services:
        if name not in SERVICES:
            near = meant(name, SERVICES)
            raise InputError(
                f"there is no service {name}",
                evidence=[f"there are: {', '.join(SERVICES)}"],
                remedy=f"did you mean {near}?" if near else "name one of these",
            )
    if services:
        stack.start(services)
    else:
        asked = {
            name for one in chosen for name in further_services(project, one, env=settings.env)
        }
        stack.start(further=sorted(asked))
    plant_all(settings, stack, progress=progress, services=services)
