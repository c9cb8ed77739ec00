"""Which files are a pipeline's code: its blocks, and what they import of the project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.inspect.importgraph import with_imports
from harness.mutate.python import mutants_of_python
from harness.mutate.sql import mutants_of_sql
from harness.project.blockfile import is_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.mutate.change import Mutant
    from harness.mutate.columns import Columns
    from harness.project.model import Pipeline, Project


@dataclass(frozen=True, kw_only=True)
class Code:
    """A file of code.

    Attributes:
        file: Relative to the project.
        text: Its text.
        block: The block whose code it is; empty for a module that blocks import.
        provider: The ``data_provider`` of a SQL block, or an empty string.
    """

    file: Path
    text: str
    block: str = ""
    provider: str = ""


def code_of(project: Project, pipeline: Pipeline, *, modules: bool) -> list[Code]:
    """The files of a pipeline's Python and SQL, in the order of its blocks; modules come last.

    Args:
        project: The project.
        pipeline: The pipeline.
        modules: Whether modules of the project that its blocks import belong to it.
    """
    found: dict[Path, Code] = {}
    for block in pipeline.blocks:
        file = block.file
        if file is None or file.is_absolute() or file.suffix not in {".py", ".sql"}:
            continue
        if is_file(project.within(file)):
            provider = str(block.configuration.get("data_provider") or "")
            code = Code(file=file, text=_text(project, file), block=block.uuid, provider=provider)
            found.setdefault(file, code)
    if modules:
        for file in with_imports(project, tuple(found)).files:
            if file not in found:
                found[file] = Code(file=file, text=_text(project, file))
    return list(found.values())


def mutants_of(codes: Sequence[Code], columns: Mapping[str, Columns]) -> list[Mutant]:
    """All small changes of some files.

    Args:
        codes: The files.
        columns: The columns that each block's frames have, by the block's uuid; those of modules
            by an empty one.
    """
    found: list[Mutant] = []
    for code in codes:
        known = columns[code.block]
        if code.file.suffix == ".sql":
            found += mutants_of_sql(
                code.text,
                file=code.file,
                block=code.block,
                provider=code.provider,
                columns=known,
            )
        else:
            found += mutants_of_python(code.text, file=code.file, block=code.block, columns=known)
    return found


def _text(project: Project, file: Path) -> str:
    """The text as it is, with its own line ends; what is not UTF-8 has no mutants."""
    try:
        return project.within(file).read_bytes().decode()
    except UnicodeDecodeError:
        return ""
