"""The end of ``mage-harness run``: each pipeline's report, and what GitHub is told of them."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from harness.report.github import job
from harness.report.terminal import print_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from harness.report.model import RunReport


def print_report(console: Console, report: RunReport, *, project: Path) -> None:
    """Print what is known of each pipeline; on GitHub Actions annotate and sum up too.

    Args:
        console: Where.
        report: The facts.
        project: The Mage project, to which their files are relative.
    """
    github = job()
    with github.foreign_text() if github is not None else nullcontext():
        for pipeline in report.pipelines:
            print_pipeline(console, pipeline)
    if github is not None:
        github.tell([one.as_json() for one in report.pipelines], project=project)
