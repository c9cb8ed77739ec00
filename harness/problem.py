"""A problem: one thing that is wrong with a pipeline or its run, and where."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """One finding of the lint or of the verdict.

    Attributes:
        code: A stable short name, for example ``edge-one-sided``.
        message: What is wrong and what to do, in one or two sentences.
        pipeline: The pipeline's uuid.
        block: The block's uuid, or an empty string where it concerns the whole pipeline.
        file: The file, relative to the project's folder, or an empty string.
        line: The line in the file, counted from 1, or None.
    """

    code: str
    message: str
    pipeline: str = ""
    block: str = ""
    file: str = ""
    line: int | None = None

    @property
    def where(self) -> str:
        """Pipeline, block, file and line as far as they are known, for a reader."""
        place = f"{self.file}:{self.line}" if self.file and self.line else self.file
        return " ".join(part for part in (self.pipeline, self.block, place) if part)

    def __str__(self) -> str:
        return f"[{self.code}] {self.where}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        """The object of the published schema (docs/run.schema.json)."""
        facts = asdict(self)
        del facts["pipeline"]
        return facts
