"""What a dbt block reads and writes: the tables of its sources, and those that its models are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.inspect.clients.call import Sighting
from harness.inspect.dbt_nodes import nodes_of, sources_of
from harness.inspect.dbt_selection import selected
from harness.inspect.sql import without_jinja
from harness.inspect.values import text
from harness.project.blockfile import is_file
from harness.project.dbt import project_of
from harness.project.located import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.inspect.dbt_nodes import DbtSource, Node
    from harness.inspect.model import Access, Service
    from harness.project.dbt import DbtProject
    from harness.project.model import Block, Pipeline, Project

    Seen = Iterator[tuple[Sighting, Path, int]]

_SERVICES: dict[str, Service] = {
    "postgres": "postgres",
    "bigquery": "bigquery",
    "duckdb": "duckdb",
    "mysql": "mysql",
}
_SOURCE = re.compile(r"""\bsource\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]\s*\)""")
_DEFAULT_SCHEMA = {"duckdb": "main"}


def of_dbt(project: Project, pipeline: Pipeline, block: Block) -> Seen:
    """What a dbt block names, each with file and line.

    Args:
        project: The project.
        pipeline: The pipeline.
        block: The block.
    """
    dbt = project_of(project, block)
    if dbt is None:
        return
    made = {
        node.name
        for other in pipeline.blocks
        if other.type == "dbt" and _is_of(project, other, dbt)
        for node in _made(project, dbt, other)
    }
    looked = _Look(project, pipeline, block, dbt, made)
    if is_first(project, pipeline, block, dbt):
        yield from looked.connection()
    for node in _made(project, dbt, block):
        yield from looked.written(node)
        yield from looked.read(node)


def is_first(project: Project, pipeline: Pipeline, block: Block, dbt: DbtProject) -> bool:
    """Whether no block before it in its pipeline has the same dbt project and target.

    Args:
        project: The project.
        pipeline: The pipeline.
        block: The block.
        dbt: Its dbt project.
    """
    target = _target(block, dbt)
    before = pipeline.blocks[: pipeline.blocks.index(block)] if block in pipeline.blocks else ()
    return not any(
        other.type == "dbt" and _is_of(project, other, dbt) and _target(other, dbt) == target
        for other in before
    )


def _target(block: Block, dbt: DbtProject) -> str:
    """The target of a block, the profile's own where it is known only while the pipeline runs."""
    named = str(block.configuration.get("dbt_profile_target") or "")
    return dbt.target("" if "{" in named else named)


def _is_of(project: Project, block: Block, dbt: DbtProject) -> bool:
    found = project_of(project, block)
    return found is not None and found.folder == dbt.folder


def _made(project: Project, dbt: DbtProject, block: Block) -> list[Node]:
    nodes = nodes_of(project, dbt)
    if block.language == "sql":
        return [node for node in nodes.values() if node.file == block.file]
    told = block.configuration.get("dbt")
    command = str(told.get("command") or "run") if isinstance(told, dict) else "run"
    return selected(nodes, _content(project, block.file), command=command)


def _content(project: Project, file: Path | None) -> str:
    try:
        known = file is not None and is_file(project.within(file))
        return read_text(project.within(file)) if file is not None and known else ""
    except ProjectError:
        return ""


class _Look:
    def __init__(
        self,
        project: Project,
        pipeline: Pipeline,
        block: Block,
        dbt: DbtProject,
        made: set[str],
    ) -> None:
        self._dbt = dbt
        self._pipeline = pipeline
        self._block = block
        self._made = made
        self._nodes = nodes_of(project, dbt)
        self._sources = sources_of(project, dbt)
        self._target = _target(block, dbt)
        self._output = dbt.output(self._target)
        self._kind = str(self._output.get("type") or "")

    def connection(self) -> Seen:
        """The database that the block's target names."""
        if self._kind:
            line = self._dbt.lines.get((self._dbt.profile, "outputs", self._target, "type"), 1)
            found = Sighting(
                kind="connection",
                name=text(self._kind),
                access="opens",
                client="dbt",
                service=_SERVICES.get(self._kind, ""),
                detail=self._target,
            )
            yield found, self._dbt.profiles_file, line

    def written(self, node: Node) -> Seen:
        """What a node is in the database; a model within others is nothing there."""
        if node.config("materialized") != "ephemeral":
            yield self._table("writes", *self._relation(node), node, 1)

    def read(self, node: Node, *, within: tuple[str, ...] = ()) -> Seen:
        """The sources of a node, and what it reads that this pipeline does not make."""
        for found in _SOURCE.finditer(node.text):
            line = node.text.count("\n", 0, found.start()) + 1
            source = self._sources.get((found[1], found[2]))
            if source is not None and source.location:
                yield self._file(source.location, node, line)
                continue
            frame = self._frame(*found.groups())
            if frame is None or frame in self._block.upstream:
                access: Access = "writes" if frame else "reads"
                yield self._table(access, *self._named(source, found), node, line)
        for name in node.refs:
            other = self._nodes.get(name)
            if other is None or name in within:
                continue
            if other.config("materialized") == "ephemeral":
                yield from self.read(other, within=(*within, node.name))
            elif name not in self._made:
                line = node.text[: node.text.find(name)].count("\n") + 1
                yield self._table("reads", *self._relation(other), node, line)

    def _frame(self, source: str, table: str) -> str | None:
        """The block that returned it, where Mage puts that there for dbt; None for other tables."""
        if source != f"mage_{self._dbt.folder.name}":
            return None
        blocks = {f"{self._pipeline.uuid}_{one.uuid}": one.uuid for one in self._pipeline.blocks}
        return blocks.get(table)

    def _file(self, location: str, node: Node, line: int) -> tuple[Sighting, Path, int]:
        found = Sighting(
            kind="path",
            name=text(location),
            access="reads",
            client="dbt",
            service="file",
            detail=f"{node.kind} {node.name}",
        )
        return found, node.file, line

    def _named(self, source: DbtSource | None, found: re.Match[str]) -> tuple[str, str, str]:
        if source is None:
            return "", found[1], found[2]
        return source.database, source.schema, source.table

    def _relation(self, node: Node) -> tuple[str, str, str]:
        """Project, schema and name, as dbt's own macros put them together."""
        own = str(self._output.get("schema") or self._output.get("dataset") or "")
        own = own or _DEFAULT_SCHEMA.get(self._kind, "{{ schema }}")
        custom = node.config("schema")
        schema = node.config("target_schema") or (f"{own}_{custom}" if custom else own)
        return "", schema, node.config("alias") or node.name

    def _table(
        self, access: Access, database: str, schema: str, table: str, node: Node, line: int
    ) -> tuple[Sighting, Path, int]:
        # BigQuery has many projects; elsewhere one private database stands for all.
        parts = (database if self._kind == "bigquery" else "", schema, table)
        found = Sighting(
            kind="table",
            name=without_jinja(".".join(part for part in parts if part)),
            access=access,
            client="dbt",
            service=_SERVICES.get(self._kind, ""),
            detail=f"{node.kind} {node.name}",
        )
        return found, node.file, line
