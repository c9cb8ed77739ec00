"""Tables that a run's statements failed on because nothing has made them, told with their seed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

_ABSENT = re.compile(r'(?<!of )relation "([^"\s]+)" does not exist')


def refused_tables(problems: Iterable[Problem], *, told: Iterable[Problem]) -> list[Problem]:
    """What statements of a run asked PostgreSQL for and it did not have, each table once.

    The source alone does not say of a table that is written whether it must be there before.

    Args:
        problems: The problems of the run.
        told: What is told to be missing already.
    """
    known = [one.message for one in told if one.code == "missing-seed"]
    found: dict[str, Problem] = {}
    for problem in problems:
        match = _ABSENT.search(problem.message) if problem.code == "postgres-error" else None
        if match is None:
            continue
        name = match[1] if "." in match[1] else f"public.{match[1]}"
        if not any(f"table {name} " in message for message in known):
            found.setdefault(name, _of(problem, name))
    return list(found.values())


def _of(problem: Problem, name: str) -> Problem:
    return Problem(
        code="missing-seed",
        message=f"there is no table {name} in the private PostgreSQL, and the pipeline does not "
        f"make it: put what production has of it into fixtures/seeds/postgres/{name}.csv, or its "
        "CREATE TABLE into fixtures/seeds/postgres/schema.sql",
        pipeline=problem.pipeline,
        block=problem.block,
        file=problem.file,
        line=problem.line,
    )
