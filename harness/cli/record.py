"""``mage-harness record``: fetch for real once, keep it as a cassette, and show that it replays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from harness.cli.options import (
    AtOption,
    DeadlineOption,
    ProjectOption,
    ProviderOption,
    VariablesOption,
    pairs,
    settings_for,
)
from harness.cli.output import Output
from harness.cli.record_checks import check_cassette, check_headers
from harness.cli.record_options import (
    AnywayOption,
    FileOption,
    IgnoreOption,
    MatchHeaderOption,
    NameOption,
    PipelineArgument,
    ReplaceOption,
    ResolveOption,
    SampleOption,
)
from harness.cli.recorded import advice, summary
from harness.cli.replayed import facts, print_report, replay, told
from harness.cli.sources import (
    BigQueryOption,
    GcsOption,
    LimitOption,
    PostgresOption,
    RealGoogleOption,
    Sources,
    SourcesOption,
    WithoutOption,
    planted_summary,
)
from harness.cli.suite import run_all
from harness.errors import InputError
from harness.project.reader import read_project
from harness.report.terminal import RunProgress
from harness.running.child_environment import read_env_file
from harness.running.plan import plan
from harness.running.variables import parse_assignments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.record.writer import Written
    from harness.replay.capture import Capture
    from harness.settings import Settings


def record(
    pipeline: PipelineArgument,
    project: ProjectOption = None,
    name: NameOption = None,
    replace: ReplaceOption = False,  # noqa: FBT002 - an option of the command line
    anyway: AnywayOption = False,  # noqa: FBT002 - an option of the command line
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    at: AtOption = None,
    file: FileOption = None,
    sample: SampleOption = None,
    match_header: MatchHeaderOption = None,
    ignore: IgnoreOption = None,
    resolve: ResolveOption = None,
    provider: ProviderOption = None,
    sources: SourcesOption = False,  # noqa: FBT002 - an option of the command line
    postgres: PostgresOption = None,
    gcs: GcsOption = None,
    bigquery: BigQueryOption = None,
    real_google: RealGoogleOption = None,
    without: WithoutOption = None,
    limit: LimitOption = None,
) -> None:
    """Run a pipeline against the real web once, and keep what it fetched as a cassette.

    HTTP goes out, everything else stays private: PostgreSQL, Cloud Storage and BigQuery are the
    same disposable ones as in `mage-harness run`. Secrets are taken out before anything is
    saved, and a cassette that would still hold one is refused. Then the pipeline runs once more
    without the web, to show that the cassette replays.

    With --sources, a table or object that the pipeline asks for is copied into the private
    services first, from what --postgres, --gcs, --bigquery or --real-google name, and kept as a
    seed if the pipeline read it: exactly, or as --sample says. Nothing is ever written there.

    mage-harness record taxi --sources --postgres postgresql://reader@db.example.com/shop

    Exit statuses: 0 recorded, and it replays; 1 the pipeline failed, or does not replay; 2 bad
    usage or input, or a secret that could not be taken out; 3 the environment is not able; 130
    interrupted.
    """
    options: dict[str, Any] = {
        "deadline": deadline,
        "at": at,
        "provider": provider,
        "files": pairs("--file", file),
    }
    check_headers(match_header or ())
    read = Sources(
        wanted=sources,
        given={
            "postgres": postgres,
            "gcs": gcs,
            "bigquery": bigquery,
            "real_google": real_google,
        },
        without=without,
        limit=limit,
        sample=sample,
        replace=replace,
    )
    read.check()
    settings = settings_for(
        project,
        **options,
        **read.given,
        record=True,
        resolve=pairs("--resolve", resolve),
        match_headers=tuple(match_header or ()),
    )
    folder = settings.fixtures / "http" / (pipeline if name is None else name)
    check_cassette(folder, settings=settings, pipeline=pipeline, replace=replace)
    variables = parse_assignments(var or ())
    console = Output()
    steps = plan(read_project(settings.project), [pipeline], settings.needs)
    written = planted = trouble = None
    with (
        RunProgress(console) as progress,
        read.session(settings, progress=progress.message) as (session, recording),
    ):
        report = run_all(session, steps, variables=variables, progress=progress)
        trouble = recording.trouble() if recording is not None else None
        if trouble is None and (report.ok or anyway):
            progress.message("writing what was recorded")
            known = _known(settings, variables)
            captures = session.stack.http.captures()
            if recording is not None:
                planted = recording.write(known=known)
            if captures or recording is None:
                written = _written(
                    captures,
                    folder,
                    known=known,
                    title=f"Recorded by: mage-harness record {pipeline}",
                    match_headers=match_header or (),
                    ignore=ignore or (),
                    replace=replace,
                    sample=sample,
                )
    if trouble is not None or not report.ok:
        print_report(console, report)
    if trouble is not None:
        raise trouble
    if written is None and planted is None:
        console.print(
            "Nothing was recorded, since the pipeline failed; --anyway keeps its recording too.",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(1)
    lines = summary(written) if written is not None else []
    lines += planted_summary(planted) if planted is not None else []
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    alone = read.alone(settings_for(project, **options))
    replayed, volatile = replay(console, settings=alone, steps=steps, variables=variables)
    same = facts(replayed) == facts(report)
    sampled = written is not None and bool(written.sampled)
    console.print(told(replayed, same=same, sampled=sampled, sources=planted is not None))
    if volatile:
        console.print(advice(volatile), markup=False, soft_wrap=True)
    raise typer.Exit(0 if (same or sampled) and replayed.ok else 1)


def _written(captures: Sequence[Capture], folder: Path, **options: Any) -> Written:
    from harness.record.writer import write_cassette  # noqa: PLC0415

    if not captures:
        raise InputError(
            "nothing was recorded",
            cause="the pipeline asked for nothing over HTTP, or only for mapped files",
            remedy="run it with: mage-harness run",
        )
    return write_cassette(folder, captures, **options)


def _known(settings: Settings, variables: Mapping[str, Any]) -> list[str]:
    """The values of variables whose names say that they are secret."""
    from harness.replay.secrecy import is_secret  # noqa: PLC0415

    given = {
        **(read_env_file(settings.env_file) if settings.env_file is not None else {}),
        **settings.env,
    }
    return [str(value) for name, value in (given | dict(variables)).items() if is_secret(name)]
