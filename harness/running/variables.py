"""Runtime variables: read from the command line, checked before Mage passes over a mistake."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.project.model import Pipeline, Project


def parse_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """``name=value`` texts as variables; a value that is JSON is taken as such.

    Args:
        assignments: For example ``["year=2021", "name=yellow", 'zones=[1, 2]']``.

    Raises:
        InputError: A text has no ``=``, or what stands before it is not a name.
    """
    variables = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise InputError(
                f"the variable {text!r} is not name=value",
                remedy="write it as --var year=2021; a value may be JSON: --var 'zones=[1, 2]'",
            )
        try:
            variables[name] = json.loads(value)
        except ValueError:
            variables[name] = value
    return variables


def check_variables(
    variables: Mapping[str, Any], *, project: Project, pipelines: Sequence[Pipeline]
) -> None:
    """Refuse variables that Mage would take without a word and without effect.

    Args:
        variables: Runtime variables by name.
        project: The project that the pipelines belong to.
        pipelines: Those that are to get them.

    Raises:
        InputError: A value cannot be written as JSON, or a name is neither declared by one of the
            pipelines nor named in any file of their blocks.
    """
    for name, value in variables.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"the variable {name} cannot be given to Mage",
                cause=f"Mage takes variables as JSON, and {type(value).__name__} is not: {error}",
                remedy="pass text, a number, true, false, null, or lists and maps of these",
            ) from error
    known = {name for pipeline in pipelines for name in _words(project, pipeline)}
    declared = sorted({name for pipeline in pipelines for name in pipeline.variables})
    for name in sorted(set(variables) - known - set(declared)):
        near = meant(name, declared)
        uuids = ", ".join(pipeline.uuid for pipeline in pipelines)
        raise InputError(
            f"no variable {name} in {uuids}",
            cause="it is not declared in the metadata, and no block names it",
            evidence=[f"declared: {', '.join(declared) or 'none'}"],
            remedy=f"did you mean {near}?"
            if near
            else "correct the name, or declare it under variables: in the pipeline's metadata.yaml",
        )


def known_to(
    variables: Mapping[str, Any], *, project: Project, pipeline: Pipeline
) -> dict[str, Any]:
    """Those of the variables that a pipeline declares or that a block of it names."""
    known = {*pipeline.variables, *_words(project, pipeline)}
    return {name: value for name, value in variables.items() if name in known}


def _words(project: Project, pipeline: Pipeline) -> set[str]:
    """Every word in the files of the pipeline's blocks: a block may read any by ``kwargs``."""
    words: set[str] = set()
    for block in pipeline.all_blocks:
        if block.file is not None and (project.path / block.file).is_file():
            words.update(
                re.findall(r"\w+", (project.path / block.file).read_text("utf-8", "replace"))
            )
    return words
