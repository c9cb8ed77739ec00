"""Which of all mutants are tried."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.mutate.operators import OPERATORS
from harness.nearest import meant
from harness.project.blockfile import is_file

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from harness.mutate.change import Mutant
    from harness.project.model import Pipeline, Project


def check_choice(
    project: Project, pipeline: Pipeline, *, only: Collection[str], operators: Collection[str]
) -> None:
    """Refuse names that are none.

    Args:
        project: Whose files they are.
        pipeline: Whose blocks they are.
        only: Blocks by uuid, or files relative to the project.
        operators: Kinds of changes.

    Raises:
        InputError: A kind of change is not known.
        ProjectError: There is no such file, and no such block.
    """
    for name in only:
        if not is_file(project.within(Path(name))):
            pipeline.block(name)
    for name in operators:
        if name not in OPERATORS:
            near = meant(name, OPERATORS)
            raise InputError(
                f"there is no operator {name!r}",
                cause=f"did you mean {near}?" if near else "",
                evidence=[f"operators: {', '.join(OPERATORS)}"],
                remedy="name some of these with --operators, apart by commas",
            )


def chosen(
    mutants: Sequence[Mutant],
    *,
    only: Collection[str] = (),
    operators: Collection[str] = (),
    limit: int | None = None,
) -> list[Mutant]:
    """Some of the mutants, in their order.

    Args:
        mutants: All of them.
        only: Blocks by uuid, or files; all blocks and modules if none is named.
        operators: Kinds of changes; all if none is named.
        limit: The most; they are taken from all files alike, the same in every run.
    """
    found = [
        one
        for one in mutants
        if (not only or one.block in only or str(one.file) in only)
        and (not operators or one.operator in operators)
    ]
    if limit is None or limit >= len(found):
        return found
    return [found[at * len(found) // limit] for at in range(limit)]
