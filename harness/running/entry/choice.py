"""By which entry a pipeline runs: the one that is asked for, or the one that it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from harness.errors import InputError, ProjectError
from harness.project.lint.shared import shared_problems
from harness.project.lint.uploads import uploads_at_once
from harness.project.located import parse_yaml, read_text
from harness.project.unsupported import unsupported
from harness.running.verdict.places import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.project.model import Block, Pipeline, Project
    from harness.running.asked import Asked

Entry = Literal["pipeline", "blocks", "engine"]
ENTRIES: tuple[Entry, ...] = get_args(Entry)
SKIP_SENSORS = "--skip-sensors"
_TRIGGERS = re.compile(r"\btrigger_pipeline\b")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The entry of a run.

    Attributes:
        entry: ``pipeline``, ``blocks`` or ``engine``; or ``block``, where one alone is asked for.
        why: Why this one, in words; empty where it is the usual one.
        note: Whether the harness has picked it, and says so.
    """

    entry: Entry | Literal["block"]
    why: str = ""
    note: bool = False


def choose(project: Project, pipeline: Pipeline, *, asked: Asked, settled: str | None) -> Choice:
    """Choose the entry of a run.

    Args:
        project: The project.
        pipeline: The pipeline that is to run.
        asked: What is asked of the run.
        settled: The entry that the settings name for the pipeline, or None.

    Raises:
        InputError: The entry that is asked for is none, or the pipeline cannot run by it or at all.
    """
    _refuse_unsupported(pipeline)
    if asked.block is not None:
        if asked.entry not in (None, "blocks"):
            raise InputError(
                f"one block of a pipeline cannot be run by the entry {asked.entry}",
                cause="Mage runs a block alone with --block-uuid only",
                remedy="leave out the entry, or the block",
            )
        return Choice(entry="block", why="one block is asked for")
    if asked.blocks:
        return Choice(entry="blocks", why="a part of it is asked for")
    named = asked.entry or settled
    if named is not None:
        _check(named, asked)
        why = "it is asked for" if asked.entry else "the settings say so"
        return Choice(entry=_entry(named), why=why)
    reasons = list(engine_reasons(project, pipeline))
    if not reasons or SKIP_SENSORS in asked.arguments:
        return Choice(entry="pipeline")
    return Choice(entry="engine", why="; ".join(reasons), note=True)


def engine_reasons(project: Project, pipeline: Pipeline) -> Iterator[str]:
    """Why a pipeline needs Mage's engine: what a whole-pipeline ``mage run`` does without.

    Args:
        project: The project.
        pipeline: The pipeline.
    """
    for block in pipeline.blocks:
        yield from _reasons(project, block)
    for uuid in dict.fromkeys(one.block for one in shared_problems(project, pipeline)):
        yield f"{uuid} reads what blocks side by side share in a whole-pipeline run"
    for one, other, above in uploads_at_once(pipeline):
        yield f"{one} and {other} would both write the rows of {above} to one table at once"
    if _retries(project.path):
        yield "the project's metadata.yaml has a retry_config"


def _reasons(project: Project, block: Block) -> Iterator[str]:
    if block.dynamic:
        yield f"{block.uuid} is a dynamic block"
    if block.conditional_blocks:
        yield f"{block.uuid} has a condition"
    if block.callback_blocks:
        yield f"{block.uuid} has a callback"
    if block.retries:
        yield f"{block.uuid} is retried"
    if block.type == "global_data_product":
        yield f"{block.uuid} is a global data product, which triggers a pipeline"
    elif _TRIGGERS.search(source_of(project, block)):
        yield f"{block.uuid} triggers a pipeline"


def _retries(project: Path) -> bool:
    file = project / "metadata.yaml"
    try:
        return file.is_file() and _has_retries(read_text(file))
    except ProjectError:
        # Mage renders it as a template first, and what is not rendered need not be YAML.
        return False


@lru_cache(8)
def _has_retries(metadata: str) -> bool:
    content = parse_yaml(metadata, name="metadata.yaml").data
    config = content.get("retry_config") if isinstance(content, dict) else None
    return isinstance(config, dict) and bool(config.get("retries"))


def _refuse_unsupported(pipeline: Pipeline) -> None:
    problems = [str(problem) for problem in unsupported(pipeline)]
    if problems:
        raise InputError(
            f"pipeline {pipeline.uuid} is not supported yet",
            evidence=problems,
            remedy="test its blocks in a pipeline of type python; the others of the project run",
        )


def _check(named: str, asked: Asked) -> None:
    if named not in ENTRIES:
        raise InputError(
            f"there is no entry {named!r}",
            remedy=f"say {', '.join(ENTRIES[:-1])} or {ENTRIES[-1]}",
        )
    if named == "pipeline":
        return
    if SKIP_SENSORS in asked.arguments:
        raise InputError(
            f"{SKIP_SENSORS} has no effect by the entry {named}",
            cause="Mage heeds it in whole-pipeline runs only",
            remedy="leave it out, or run by the entry pipeline",
        )


def _entry(named: str) -> Entry:
    return next(entry for entry in ENTRIES if entry == named)
