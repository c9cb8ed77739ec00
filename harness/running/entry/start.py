"""Run a pipeline by the entry that was chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.running.cold import run_cold
from harness.running.entry.blockwise import run_blocks
from harness.running.entry.databases import keep, laid_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.project.model import Pipeline
    from harness.running.entry.choice import Choice
    from harness.running.result import ProcessResult
    from harness.running.runner import Runner, RunRequest


_HERE = ("--executor-type", "local_python")
_LOCAL = frozenset({"", "local_python", "local_python_force"})


def elsewhere(pipeline: Pipeline) -> str:
    """What a reader should know of a pipeline whose executor is a cluster's; else empty.

    Args:
        pipeline: The pipeline.
    """
    kinds = dict.fromkeys([pipeline.executor_type, *(one.executor for one in pipeline.blocks)])
    named = [kind for kind in kinds if kind not in _LOCAL]
    if not named:
        return ""
    return f"{pipeline.uuid} runs here, and not by its executor {' or '.join(named)}"


def run_by(
    choice: Choice,
    request: RunRequest,
    *,
    pipeline: Pipeline,
    runner: Runner,
    cache: Path,
    on_event: Callable[[Mapping[str, Any]], None],
) -> ProcessResult:
    """Run a pipeline and wait for its end.

    Args:
        choice: The entry.
        request: What to run.
        pipeline: The pipeline.
        runner: Where.
        cache: Where the engine's empty databases are kept between runs.
        on_event: Told of each event of the tap soon after it happens.

    Raises:
        EnvironmentNotAbleError: A process cannot be started.
        ServiceError: What it ran in went away.
        InputError: The pipeline cannot run by this entry.
    """
    if elsewhere(pipeline):
        asked = replace(request.asked, arguments=(*_HERE, *request.asked.arguments))
        request = replace(request, asked=asked)
    if choice.entry == "blocks":
        return run_blocks(request, pipeline=pipeline, runner=runner, on_event=on_event)
    if choice.entry != "engine":
        return run_cold(request, runner=runner, on_event=on_event)
    place = laid_out(cache, folder=request.folder)
    done = run_cold(replace(request, databases=place), runner=runner, on_event=on_event)
    keep(cache, place=place)
    return done
