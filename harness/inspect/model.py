"""What was seen in a pipeline's source."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal[
    "url",
    "table",
    "object",
    "path",
    "connection",
    "pipeline",
    "variable",
    "environment",
    "secret",
    "package",
]
Access = Literal["reads", "writes", "opens"]
Service = Literal[
    "", "http", "postgres", "gcs", "bigquery", "s3", "mysql", "duckdb", "file", "other"
]
DATA: tuple[Kind, ...] = ("url", "table", "object", "path")
"""Kinds that hold data, and so are sources or sinks."""


@dataclass(frozen=True, kw_only=True, order=True)
class Use:
    """One thing outside of a block that its source names.

    Attributes:
        kind: What it is: a ``url``, a ``table`` (``schema.table``, ``dataset.table``), an
            ``object`` (``bucket/key``), a ``path`` of a local file, a ``connection`` to a server
            whose tables are not said there, another ``pipeline``, a runtime ``variable``, a
            variable of the ``environment``, a ``secret``, or an imported ``package``.
        name: Its name; what is known only while the block runs is a hole: ``{year}``.
        access: Whether it is read, written, or only opened.
        client: By which library: ``requests.get``, ``mage_ai.io.postgres``, ``pandas.read_csv``.
        service: The service that stands in for it: ``postgres``, ``http``; ``other`` where the
            harness has none; empty where none is needed.
        block: The block's uuid, or an empty string where it concerns the whole pipeline.
        file: The file in which it is named, relative to the project.
        line: The line, counted from 1.
        pattern: Whether the name has holes.
        value: For a pattern, the name with the pipeline's own variables and defaults in the holes;
            for a variable, its default. Empty where they are not known.
        detail: What else is known: a profile of io_config.yaml, a policy for what is there already.
    """

    kind: Kind
    name: str
    access: Access = "reads"
    client: str = ""
    service: Service = ""
    block: str = ""
    file: str = ""
    line: int = 1
    pattern: bool = False
    value: str = ""
    detail: str = ""

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, kw_only=True, order=True)
class Unknown:
    """Something that cannot be seen without running the block.

    Attributes:
        what: What cannot be seen, and where it would be said.
        block: The block's uuid.
        file: The file, relative to the project.
        line: The line, counted from 1.
    """

    what: str
    block: str = ""
    file: str = ""
    line: int = 1

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a pipeline's source says of the world outside of it.

    Attributes:
        pipeline: The pipeline's uuid.
        type: The pipeline's type.
        uses: What its blocks name, in the order of the blocks, files and lines.
        unknown: What cannot be seen without running it.
    """

    pipeline: str
    type: str
    uses: tuple[Use, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @property
    def sources(self) -> tuple[Use, ...]:
        """Data that is read."""
        return tuple(use for use in self.uses if use.kind in DATA and use.access == "reads")

    @property
    def sinks(self) -> tuple[Use, ...]:
        """Data that is written."""
        return tuple(use for use in self.uses if use.kind in DATA and use.access == "writes")

    @property
    def services(self) -> tuple[str, ...]:
        """The services that stand in for what it uses, sorted."""
        return tuple(sorted({use.service for use in self.uses} - {"", "file"}))

    def of(self, *kinds: Kind) -> tuple[Use, ...]:
        """What it uses of some kinds.

        Args:
            kinds: The kinds.
        """
        return tuple(use for use in self.uses if use.kind in kinds)

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema (docs/inspect.schema.json)."""
        return {**asdict(self), "uses": [asdict(use) for use in self.uses]}
