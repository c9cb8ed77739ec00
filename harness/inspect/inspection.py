"""Look at a pipeline's source, and say what it reads and writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.inspect.declared import declared
from harness.inspect.following import Follower
from harness.inspect.model import DATA, Inspection, Unknown, Use
from harness.inspect.profiles import from_profile
from harness.inspect.values import Hole
from harness.project.blockfile import is_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.inspect.clients.call import Sighting
    from harness.inspect.values import Text
    from harness.project.model import Block, Pipeline, Project

_WHAT = {"url": "URL", "table": "table", "object": "object", "path": "path of a file"}


def inspect(project: Project, pipeline: Pipeline) -> Inspection:
    """Look at a pipeline without running it.

    Python is followed as it would run, with helper modules of the project; names that are known
    only while it runs are holes. SQL blocks, dbt blocks and the profiles of io_config.yaml that
    the blocks use are looked at too.

    Args:
        project: The project.
        pipeline: The pipeline.
    """
    uses: dict[Use, None] = {}
    unknown: dict[Unknown, None] = {}
    for name, default in pipeline.variables.items():
        uses[
            Use(
                kind="variable",
                name=name,
                client="metadata.yaml",
                file=str(pipeline.metadata),
                line=pipeline.lines.get("variables", 1),
                value="" if default is None else str(default),
            )
        ] = None
    for block in (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals):
        looked = _Block(project, pipeline, block)
        looked.look()
        uses |= dict.fromkeys(looked.uses)
        unknown |= dict.fromkeys(looked.unknown)
    unknown |= dict.fromkeys(_holes(uses))
    return Inspection(
        pipeline=pipeline.uuid, type=pipeline.type, uses=tuple(uses), unknown=tuple(unknown)
    )


class _Block:
    def __init__(self, project: Project, pipeline: Pipeline, block: Block) -> None:
        self._project = project
        self._pipeline = pipeline
        self._block = block
        self.uses: list[Use] = []
        self.unknown: list[Unknown] = []

    def look(self) -> None:
        block = self._block
        for found, file, line in declared(self._project, self._pipeline, block):
            self._see(found, file, line)
        if block.language == "python" and block.file is not None:
            self._python(block.file)
        elif block.language not in ("sql", "markdown") and block.type != "dbt":
            self._cannot(f"what a block in {block.language} does", block.file)
        try:
            for found, file, line in from_profile(self._project, self.uses):
                self._see(found, file, line)
        except ProjectError as error:
            self._cannot(error.symptom, Path("io_config.yaml"))

    def _python(self, file: Path) -> None:
        if not is_file(self._project.within(file)):
            self._cannot("the block's code: there is no such file", file)
            return
        follower = Follower(self._project, self._see)
        if not follower.file(file):
            self._cannot("the block's code: the file is not valid Python", file)
        if follower.given_up:
            self._cannot("all that the block does: it is too long to be followed", file)

    def _cannot(self, what: str, file: Path | None) -> None:
        shown = str(file or self._pipeline.metadata)
        line = 1 if file else self._block.line
        self.unknown.append(Unknown(what=what, block=self._block.uuid, file=shown, line=line))

    def _see(self, found: Sighting, file: Path, line: int) -> None:
        use = Use(
            kind=found.kind,
            name=found.name.shown,
            access=found.access,
            client=found.client,
            service=found.service,
            block=self._block.uuid,
            file=str(file),
            line=line,
            pattern=bool(found.name.holes),
            value=filled(found.name, self._pipeline.variables) if found.name.holes else "",
            detail=found.detail,
        )
        once = use.kind == "package" and any(
            use.name == other.name for other in self.uses if other.kind == "package"
        )
        if use not in self.uses and not once:
            self.uses.append(use)


def filled(name: Text, variables: Mapping[str, object]) -> str:
    """A name with its holes filled; empty where a hole's value is not known.

    Args:
        name: The name.
        variables: The pipeline's variables and their values.
    """
    parts = []
    for part in name.parts:
        if not isinstance(part, Hole):
            parts.append(part)
            continue
        value = variables.get(part.variable, part.default) if part.variable else part.default
        if value is None:
            return ""
        try:
            parts.append(format(value, part.spec))
        except (TypeError, ValueError):
            return ""
    return "".join(parts)


def _holes(uses: Iterable[Use]) -> Iterator[Unknown]:
    for use in uses:
        if use.kind in DATA and use.pattern and not use.value:
            yield Unknown(
                what=f"{_WHAT[use.kind]} built at run time: {use.name}",
                block=use.block,
                file=use.file,
                line=use.line,
            )
