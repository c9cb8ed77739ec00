"""What the blocks of a pipeline ask for by name, of what their source says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.inspect.clients.environment import BARE
from harness.inspect.following import REQUIRED
from harness.inspect.importing import OPTIONAL
from harness.inspect.inspection import inspect
from harness.missing.files import absent_files
from harness.missing.profiles import absent_profiles
from harness.missing.service import product

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from harness.inspect.model import Use
    from harness.project.model import Pipeline, Project

Kind = Literal["package", "secret", "variable", "url", "service", "file", "profile"]


_SENDING = (".post", ".put", ".patch", ".delete")


@dataclass(frozen=True, kw_only=True)
class Want:
    """One thing that a block asks for.

    Attributes:
        kind: What it is.
        name: Its name, or a server's product; in a URL ``{name}`` for what is known only while the
            block runs.
        block: The block's uuid.
        file: The file, relative to the project.
        line: The line, counted from 1.
        sends: Whether it is a URL that something is sent to, so that no file answers it.
    """

    kind: Kind
    name: str
    block: str
    file: str
    line: int
    sends: bool = False


def wants(
    project: Project, pipeline: Pipeline, *, environ: Mapping[str, str] | None = None
) -> list[Want]:
    """What the blocks of a pipeline ask for, in the order of the blocks.

    Left out is what the source does without: a variable with a default or that it sets itself, an
    import that is tried.

    Args:
        project: The project.
        pipeline: The pipeline.
        environ: Variables of the environment that are known.
    """
    uses = inspect(project, pipeline, environ=environ).uses
    given = {use.name for use in uses if use.kind == "environment" and use.access == "writes"}
    absent = set(absent_files(project, uses))
    if absent:
        # What another pipeline writes is there when that has run before.
        others = (inspect(project, one) for one in project.pipelines if one.uuid != pipeline.uuid)
        absent &= set(absent_files(project, [*uses, *(use for one in others for use in one.sinks)]))
    wanted: list[tuple[Kind, str, Use]] = [
        ("profile", name, use) for name, use in absent_profiles(project, uses).items()
    ]
    wanted += [(*one, use) for use in uses for one in _wanted(project, use, given, absent)]
    return [
        Want(
            kind=kind,
            name=name,
            block=use.block,
            file=use.file,
            line=use.line,
            sends=kind == "url" and use.client.endswith(_SENDING),
        )
        for kind, name, use in wanted
    ]


def unset(project: Project, pipeline: Pipeline) -> list[Use]:
    """The variables that blocks ask for without a default and do not fail without, each once.

    Left out are those that the source sets itself.

    Args:
        project: The project.
        pipeline: The pipeline.
    """
    uses = [use for use in inspect(project, pipeline).of("environment") if not use.pattern]
    given = {use.name for use in uses if use.access == "writes"}
    found: dict[str, Use] = {}
    for use in uses:
        if use.detail == BARE and use.name not in given:
            found.setdefault(use.name, use)
    return list(found.values())


def _wanted(
    project: Project, use: Use, given: Collection[str], absent: Collection[str]
) -> Iterator[tuple[Kind, str]]:
    match use.kind:
        case "path" if use.name in absent:
            yield "file", use.name
        case "package" if use.detail != OPTIONAL and not _is_own(project, use.name):
            yield "package", use.name
        case "secret" if use.client == "get_secret_value" and not use.pattern:
            yield "secret", use.name
        case "environment" if use.detail == REQUIRED and not use.pattern and use.name not in given:
            yield "variable", use.name
        case _ if product(use):
            yield "service", product(use)
        case "url":
            yield "url", use.value or use.name
        case _:
            pass


def _is_own(project: Project, name: str) -> bool:
    """Whether a module is the project's own, or of a folder beside it."""
    if name in (project.name, "default_repo"):
        return True
    places = (project.path, project.path.parent)
    return any((place / name).is_dir() or (place / f"{name}.py").is_file() for place in places)
