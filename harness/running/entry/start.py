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
    if choice.entry == "blocks":
        return run_blocks(request, pipeline=pipeline, runner=runner, on_event=on_event)
    if choice.entry != "engine":
        return run_cold(request, runner=runner, on_event=on_event)
    place = laid_out(cache, folder=request.folder)
    done = run_cold(replace(request, databases=place), runner=runner, on_event=on_event)
    keep(cache, place=place)
    return done
