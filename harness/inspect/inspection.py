"""Look at a pipeline's source, and say what it reads and writes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.inspect.asked import ask
from harness.inspect.declared import declared
from harness.inspect.following import Follower
from harness.inspect.kept import once
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
AT_RUN_TIME = {kind: f"{what} built at run time" for kind, what in _WHAT.items()}
"""How it is said of each kind of data that its name is not known."""
NO_FILE = "the block's code: there is no such file"
"""How it is said that a block has no file, which the lint tells too."""


def inspect(
    project: Project, pipeline: Pipeline, *, environ: Mapping[str, str] | None = None
) -> Inspection:
    """Look at a pipeline without running it.

    Python is followed as it would run, with helper modules of the project; names that are known
    only while it runs are holes. SQL blocks, dbt blocks and the profiles of io_config.yaml that
    the blocks use are looked at too.

    Args:
        project: The project.
        pipeline: The pipeline.
        environ: Variables of the environment that are known, such as those of the settings.
    """
    environ = environ or {}
    key = (project.path, pipeline.uuid, frozenset(environ.items()))
    return once(key, project, pipeline, partial(_inspected, project, pipeline, environ))


def _inspected(project: Project, pipeline: Pipeline, environ: Mapping[str, str]) -> Inspection:
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
    aside = (*pipeline.callbacks, *pipeline.conditionals, *pipeline.extensions)
    for block in (*pipeline.blocks, *aside):
        looked = _Block(project, pipeline, block, environ)
        looked.look()
        uses |= dict.fromkeys(looked.uses)
        unknown |= dict.fromkeys(looked.unknown)
    unknown |= dict.fromkeys(_holes(uses))
    return Inspection(
        pipeline=pipeline.uuid, type=pipeline.type, uses=tuple(uses), unknown=tuple(unknown)
    )


class _Block:
    def __init__(
        self, project: Project, pipeline: Pipeline, block: Block, environ: Mapping[str, str]
    ) -> None:
        self._project = project
        self._pipeline = pipeline
        self._block = block
        self._environ = environ
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
            for found, file, line in from_profile(self._project, self.uses, code=self._code()):
                self._see(found, file, line)
        except ProjectError as error:
            self._cannot(error.symptom, Path("io_config.yaml"))

    def _code(self) -> str:
        file = self._project.within(self._block.file) if self._block.file is not None else None
        return file.read_text("utf-8", "replace") if file and is_file(ask(file)) else ""

    def _python(self, file: Path) -> None:
        if not is_file(ask(self._project.within(file))):
            self._cannot(NO_FILE, file)
            return
        follower = Follower(self._project, self._see, variables=self._pipeline.variables)
        if not follower.file(file):
            self._cannot("the block's code: the file is not valid Python", file)
        if follower.given_up:
            self._cannot("all that the block does: it is too long to be followed", file)

    def _cannot(self, what: str, file: Path | None, line: int = 1) -> None:
        shown = str(file or self._pipeline.metadata)
        at = line if file else self._block.line
        self.unknown.append(Unknown(what=what, block=self._block.uuid, file=shown, line=at))

    def _see(self, found: Sighting, file: Path, line: int) -> None:
        if found.unseen:
            self._cannot(found.unseen, file, line)
            return
        name = found.name
        known = filled(name, self._pipeline.variables, self._environ) if name.holes else ""
        use = Use(
            kind=found.kind,
            name=name.shown,
            access=found.access,
            client=found.client,
            service=found.service,
            block=self._block.uuid,
            file=str(file),
            line=line,
            pattern=bool(name.holes),
            value=known,
            detail=found.detail,
        )
        once = use.kind == "package" and any(
            (use.kind, use.name, use.detail) == (one.kind, one.name, one.detail)
            for one in self.uses
        )
        if use not in self.uses and not once:
            self.uses.append(use)


def filled(
    name: Text, variables: Mapping[str, object], environ: Mapping[str, str] | None = None
) -> str:
    """A name with its holes filled; empty where a hole's value is not known.

    Args:
        name: The name.
        variables: The pipeline's variables and their values.
        environ: Variables of the environment that are known.
    """
    parts = []
    for part in name.parts:
        if not isinstance(part, Hole):
            parts.append(part)
            continue
        value = part.default
        if part.variable:
            value = variables.get(part.variable, value)
        elif part.environment:
            value = (environ or {}).get(part.environment, value)
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
                what=f"{AT_RUN_TIME[use.kind]}: {use.name}",
                block=use.block,
                file=use.file,
                line=use.line,
            )
