"""A Mage project as data: what is written, not what it means to run it.

All files are named relative to the project's folder, as Mage and its users name them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from harness.errors import ProjectError
from harness.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Role = Literal["blocks", "callbacks", "conditionals", "widgets", "extensions"]


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block as its pipeline's metadata.yaml declares it.

    Attributes:
        uuid: The name that edges use; may hold slashes.
        name: The name that is shown.
        type: Mage's block type, such as ``data_loader``; kept as written even if Mage has no such.
        language: ``python`` where nothing is written.
        file: Where Mage looks for the code, relative to the project; absolute where the author
            wrote a path outside of it; None where Mage needs no file or cannot name one.
        upstream: ``upstream_blocks`` in the order of the function's arguments.
        downstream: ``downstream_blocks``.
        configuration: ``configuration``, as written.
        conditional_blocks: The conditionals that hold this block back in a triggered run.
        callback_blocks: The callbacks that a triggered run calls after this block.
        retries: How often a triggered run tries again after a failure.
        executor: Where Mage is told to run it, or an empty string.
        replicated: The block whose code this one uses, or an empty string.
        role: The list of metadata.yaml that the block stands in.
        line: The line on which its declaration starts.
        lines: For each key of the declaration, its line; and for ``key.name`` the line of a name
            below it or in its list, such as ``configuration.data_provider``.
    """

    uuid: str
    name: str
    type: str
    language: str
    file: Path | None
    upstream: tuple[str, ...] = ()
    downstream: tuple[str, ...] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)
    conditional_blocks: tuple[str, ...] = ()
    callback_blocks: tuple[str, ...] = ()
    retries: int = 0
    executor: str = ""
    replicated: str = ""
    role: Role = "blocks"
    line: int = 1
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def dynamic(self) -> bool:
        """Whether a triggered run makes a child of each block below for each of its items."""
        return self.configuration.get("dynamic") is True

    def line_of(self, key: str) -> int:
        """The line of ``key`` or ``key.name``, or of the nearest thing around it."""
        return self.lines.get(key, self.lines.get(key.partition(".")[0], self.line))


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A pipeline as its metadata.yaml declares it.

    Attributes:
        uuid: The folder's path below ``pipelines``; what ``mage run`` is given.
        type: Mage's pipeline type; ``python`` where nothing is written.
        name: The name that is shown.
        folder: The pipeline's folder, relative to the project.
        metadata: Its metadata.yaml, relative to the project.
        blocks: The blocks that a run executes, in the order written.
        callbacks: Blocks of the ``callbacks`` list.
        conditionals: Blocks of the ``conditionals`` list.
        widgets: Charts.
        extensions: Blocks of all extensions.
        variables: The pipeline's variables and their defaults.
        executor_type: Where Mage is told to run it, or an empty string.
        execution_framework: A framework of Mage that sets the edges itself, or an empty string.
        lines: For each key at the top of the file, its line.
    """

    uuid: str
    type: str
    name: str
    folder: Path
    metadata: Path
    blocks: tuple[Block, ...]
    callbacks: tuple[Block, ...] = ()
    conditionals: tuple[Block, ...] = ()
    widgets: tuple[Block, ...] = ()
    extensions: tuple[Block, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    executor_type: str = ""
    execution_framework: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def all_blocks(self) -> tuple[Block, ...]:
        """Every block, in whichever list."""
        return (
            *self.blocks,
            *self.callbacks,
            *self.conditionals,
            *self.widgets,
            *self.extensions,
        )

    def block(self, uuid: str) -> Block:
        """A block by its uuid.

        Raises:
            ProjectError: There is none; the message names the nearest and all.
        """
        for block in self.all_blocks:
            if block.uuid == uuid:
                return block
        raise _not_found(
            f"pipeline {self.uuid} has no block {uuid!r}",
            wanted=uuid,
            known=[block.uuid for block in self.all_blocks],
            what="blocks",
        )


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A pipeline whose metadata.yaml cannot be read.

    Attributes:
        uuid: The folder's path below ``pipelines``.
        metadata: Its metadata.yaml, relative to the project.
        error: What is wrong with it.
        line: The line, where it is known.
    """

    uuid: str
    metadata: Path
    error: ProjectError
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Mage project.

    Attributes:
        path: The project's folder, absolute.
        name: The folder's name, which blocks use in imports.
        pipelines: The pipelines that can be read, sorted by uuid.
        unreadable: Those that cannot; asking for one of them raises its error.
    """

    path: Path
    name: str
    pipelines: tuple[Pipeline, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    def pipeline(self, uuid: str) -> Pipeline:
        """A pipeline by its uuid.

        Raises:
            ProjectError: There is none (the message names the nearest and all), or its
                metadata.yaml cannot be read.
        """
        for pipeline in self.pipelines:
            if pipeline.uuid == uuid:
                return pipeline
        for broken in self.unreadable:
            if broken.uuid == uuid:
                raise broken.error
        raise _not_found(
            f"project {self.path} has no pipeline {uuid!r}",
            wanted=uuid,
            known=[pipeline.uuid for pipeline in self.pipelines],
            what="pipelines",
        )

    def within(self, file: Path) -> Path:
        """The absolute path of a file that is named relative to the project."""
        return self.path / file


def _not_found(symptom: str, *, wanted: str, known: list[str], what: str) -> ProjectError:
    near = nearest(wanted, known)
    return ProjectError(
        symptom,
        cause=f"did you mean {' or '.join(near)}?" if near else "",
        evidence=[f"{what}: {', '.join(known)}" if known else f"there are no {what}"],
        remedy=f"use one of the {what} above" if known else "",
    )
