"""The files of a project, by what they can be to a pipeline."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness.inspect.importgraph import with_imports
from harness.project.dbt import PROJECT_FILES
from harness.project.workspace import LEFT_OUT
from harness.selection.fixtures import is_blind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.model import Inspection
    from harness.project.model import Pipeline, Project

_OF_ALL = ("metadata.yaml", "io_config.yaml", "global_data_products.yaml")
_MODULE = ".py"
_CODE = frozenset({_MODULE, ".sql", ".r"})
_PROSE = frozenset({".md", ".rst"})
_MADE_BY_DBT = frozenset({"target", "logs"})


class ProjectFiles:
    """The files of one project; looked for once.

    Args:
        project: The project.
        apart: Folders and files that are no part of it even where they lie in it, such as the
            fixtures.
    """

    def __init__(self, project: Project, *, apart: frozenset[Path] = frozenset()) -> None:
        self._project = project
        self._apart = apart

    def of_all(self) -> tuple[Path, ...]:
        """What Mage reads for each run, relative to the project."""
        return tuple(Path(name) for name in _OF_ALL if Path(name) in self._all)

    def of(self, pipeline: Pipeline, inspection: Inspection) -> tuple[Path, ...]:
        """What a pipeline's run can have to do with, relative to the project; each once.

        Its folder, the code of its blocks and all that this imports. Where the code chooses its
        imports while it runs, all modules; where it reads files, or cannot be followed to the end,
        whatever is neither code nor a pipeline's; where there are dbt blocks, what dbt reads.

        Args:
            pipeline: The pipeline.
            inspection: What is seen in its source.
        """
        blocks = [block.file for block in pipeline.all_blocks if block.file in self._all]
        code = with_imports(self._project, blocks)
        reads = is_blind(inspection) or any(
            use.kind == "path" and use.access != "writes" for use in inspection.uses
        )
        dbt = any(block.type == "dbt" for block in pipeline.blocks)
        found = dict.fromkeys(code.files)
        found |= dict.fromkeys(self._below.get(pipeline.folder, ()))
        for group, wanted in ((self._python, code.dynamic), (self._data, reads), (self._dbt, dbt)):
            found |= dict.fromkeys(group if wanted else ())
        return tuple(found)

    # Each pipeline asks for these, so that it must not look at all files of the project each time.
    @cached_property
    def _below(self) -> dict[Path, list[Path]]:
        found: dict[Path, list[Path]] = {}
        for file in self._all:
            for folder in file.parents:
                found.setdefault(folder, []).append(file)
        return found

    @cached_property
    def _python(self) -> tuple[Path, ...]:
        return tuple(file for file in self._all if file.suffix == _MODULE)

    @cached_property
    def _data(self) -> tuple[Path, ...]:
        return tuple(file for file in self._all if self._is_data(file))

    @cached_property
    def _dbt(self) -> tuple[Path, ...]:
        return tuple(file for file in self._all if self._is_of_dbt(file))

    def _is_data(self, file: Path) -> bool:
        return (
            file.suffix.lower() not in _CODE | _PROSE
            and file.parts[0] != "pipelines"
            and not self._is_of_dbt(file)
        )

    def _is_of_dbt(self, file: Path) -> bool:
        home = next((above for above in file.parents if above in self._dbt_projects), None)
        return home is not None and file.relative_to(home).parts[0] not in _MADE_BY_DBT

    @cached_property
    def _dbt_projects(self) -> frozenset[Path]:
        return frozenset(file.parent for file in self._all if file.name in PROJECT_FILES)

    @cached_property
    def _all(self) -> dict[Path, None]:
        return dict.fromkeys(sorted(self._walk(self._project.path, ())))

    def _walk(self, folder: Path, trail: tuple[Path, ...]) -> Iterator[Path]:
        real = folder.resolve()
        if real in trail:
            return
        with os.scandir(folder) as entries:
            found = list(entries)
        for entry in found:
            path = Path(entry.path)
            if entry.name in LEFT_OUT or path in self._apart:
                continue
            if entry.is_dir():
                yield from self._walk(path, (*trail, real))
            elif entry.is_file():
                yield path.relative_to(self._project.path)
