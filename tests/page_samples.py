"""Runs that never were, with files of outputs and logs as Mage leaves them, for pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from harness.page.clean import Cleaner
from harness.page.collecting import Page, Told
from harness.page.earlier import Earlier
from harness.page.gather import facts_of
from harness.page.limits import Budget
from harness.problem import Problem
from harness.project.reader import read_project
from harness.report.build import report_of
from harness.running.block_run import BlockRun
from harness.running.result import PipelineRun, ProcessResult
from harness.services.heard import Heard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from harness.project.model import Project

HOSTILE = "</script><img src=x onerror=\"document.title='taken'\">\x00\u202egnp\x1b[31m\udcff"
BEGAN = 1_700_000_000.0
SHOP = "shop"


class Service:
    """Something that was asked."""

    def __init__(self, *heard: Heard) -> None:
        self._heard = heard

    def heard(self, since: float) -> Iterable[Heard]:
        return (one for one in self._heard if one.at >= since)


def project_of(folder: Path, upstream: Mapping[str, Sequence[str]]) -> Project:
    """A project on disk whose one pipeline has these blocks."""
    pipeline = folder / "pipelines" / SHOP
    pipeline.mkdir(parents=True)
    (folder / "data_loaders").mkdir()
    (folder / "metadata.yaml").write_text("project_type: standalone\n")
    lines = [f"name: {SHOP}", f"uuid: {SHOP}", "type: python", "blocks:"]
    for uuid, above in upstream.items():
        below = [other for other, uuids in upstream.items() if uuid in uuids]
        lines += [f"- name: {uuid}", f"  uuid: {uuid}", "  type: data_loader"]
        lines += ["  language: python", f"  upstream_blocks: [{', '.join(above)}]"]
        lines += [f"  downstream_blocks: [{', '.join(below)}]"]
        (folder / "data_loaders" / f"{uuid}.py").write_text(
            f"# {HOSTILE.encode('utf-8', 'replace').decode()}\n\n\ndef load():\n    return 1 / 0\n"
        )
    (pipeline / "metadata.yaml").write_text("\n".join(lines) + "\n")
    return read_project(folder)


def output(variables: Path, block: str, query: str) -> Path:
    """What a query of DuckDB gives, as a block's output."""
    file = variables / block / "output_0" / "data.parquet"
    file.parent.mkdir(parents=True)
    with duckdb.connect() as engine:
        engine.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    return file


def run_of(
    folder: Path,
    project: Project,
    *,
    failing: Sequence[str] = (),
    stdout: bytes = b"",
    events: Sequence[Mapping[str, Any]] = (),
) -> PipelineRun:
    """A run of the project's pipeline; its outputs are in ``folder/variables``."""
    (folder / "stdout.txt").write_bytes(stdout)
    (folder / "stderr.txt").write_bytes(b"")
    (pipeline,) = project.pipelines
    blocks = [
        BlockRun(
            uuid=one.uuid,
            type=one.type,
            upstream=one.upstream,
            status="failed" if one.uuid in failing else "completed",
            error=f"ZeroDivisionError: {HOSTILE}" if one.uuid in failing else "",
            error_line=5 if one.uuid in failing else None,
            began=BEGAN + number,
            ended=BEGAN + number + 0.5,
            seconds=0.5,
            rows_out=1_000,
        )
        for number, one in enumerate(pipeline.blocks)
    ]
    return PipelineRun(
        pipeline=SHOP,
        blocks=tuple(blocks),
        problems=tuple(
            Problem(
                code="block-failed",
                message=HOSTILE,
                pipeline=SHOP,
                block=uuid,
                file=f"data_loaders/{uuid}.py",
                line=5,
            )
            for uuid in failing
        ),
        process=ProcessResult(
            exit_status=1 if failing else 0,
            timed_out=False,
            began=BEGAN,
            seconds=len(blocks) + 1,
            stdout=folder / "stdout.txt",
            stderr=folder / "stderr.txt",
            events=tuple(events),
        ),
        variables_folder=folder / "variables",
    )


def written(
    file: Path,
    project: Project,
    *runs: PipelineRun,
    services: Sequence[Service] = (),
    known: Iterable[str] = (),
    against: Path | None = None,
) -> str:
    """The page of runs, and its text; beside those of an earlier page where one is given."""
    clean, budget = Cleaner(known), Budget()
    earlier = None if against is None else Earlier.of(against, name=against.name)
    page = Page(file, option="--report", against=earlier)
    page.draw(project)
    told = [
        Told(
            report=report_of(run),
            facts=facts_of(run, project=project, services=services, clean=clean, budget=budget),
        )
        for run in runs
    ]
    page.write(told, ok=all(run.ok for run in runs))
    return file.read_text("utf-8")
