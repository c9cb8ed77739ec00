"""``mage-harness record``: fetch for real once, keep it as a cassette, and show that it replays."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import (
    AtOption,
    DeadlineOption,
    ProjectOption,
    VariablesOption,
    pairs,
    settings_for,
)
from harness.cli.output import Output
from harness.cli.recorded import advice, summary
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
from harness.report.terminal import RunProgress, print_pipeline
from harness.running.child_environment import read_env_file
from harness.running.plan import plan
from harness.running.session import Session
from harness.running.variables import parse_assignments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from harness.record.writer import Written
    from harness.replay.capture import Capture
    from harness.report.model import RunReport
    from harness.settings import Settings


def record(
    pipeline: Annotated[
        str,
        typer.Argument(
            metavar="PIPELINE",
            help="Which pipeline to record; those that it needs run before it, and are recorded "
            "in the same cassette.",
        ),
    ],
    project: ProjectOption = None,
    name: Annotated[
        str | None,
        typer.Option(help="The cassette's name below fixtures/http/. Default: the pipeline's."),
    ] = None,
    replace: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--replace", help="Record anew what was recorded already.")
    ] = False,
    anyway: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option(
            "--anyway",
            help="Keep the recording of a pipeline that failed too, to have its failure to replay.",
        ),
    ] = False,
    var: VariablesOption = None,
    deadline: DeadlineOption = None,
    at: AtOption = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            "--from-file",
            metavar="URL=PATH",
            help="Serve a local file for a URL; it is not asked for, and not recorded. May be "
            "given several times.",
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Keep N rows of each csv, JSON lines or parquet body, and of each table of "
            "--sources: the same ones each time, with extremes, nulls, rare values and every day "
            "among them. Default: all rows.",
        ),
    ] = None,
    match_header: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A request header that must be the same when a recording is played, such as "
            "accept. May be given several times.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A name in the JSON bodies or forms that are sent which does not count when a "
            "recording is played, such as requested_at, or meta.id for a name within another. "
            "May be given several times.",
        ),
    ] = None,
    resolve: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST=ADDRESS[:PORT]",
            help="Ask this address in place of a host, such as a staging server, and record it "
            "under the host's name. May be given several times.",
        ),
    ] = None,
    provider: Annotated[
        str | None, typer.Option(help="Who provides the services: embedded or docker.")
    ] = None,
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
    _check_headers(match_header or ())
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
        project, **options, **read.given, record=True, resolve=pairs("--resolve", resolve)
    )
    folder = settings.fixtures / "http" / (pipeline if name is None else name)
    _check(settings, pipeline, folder, replace=replace)
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
        _print(console, report)
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
    replayed, volatile = _replay(console, alone, steps, variables)
    same = _facts(replayed) == _facts(report)
    sampled = written is not None and bool(written.sampled)
    _tell(console, replayed, same=same, sampled=sampled, sources=planted is not None)
    if volatile:
        console.print(advice(volatile), markup=False, soft_wrap=True)
    raise typer.Exit(0 if (same or sampled) and replayed.ok else 1)


def _check(settings: Settings, pipeline: str, folder: Path, *, replace: bool) -> None:
    read_project(settings.project).pipeline(pipeline)
    if folder.parent.resolve() != (settings.fixtures / "http").resolve():
        raise InputError(
            f"{folder.name!r} is no name for a cassette",
            remedy="give a plain name, such as --name taxi",
        )
    if folder.name.startswith("."):
        raise InputError(
            f"{folder.name!r} is no name for a cassette",
            cause="a hidden folder is not played",
            remedy="give a plain name, such as --name taxi",
        )
    if os.path.lexists(folder) and not replace:
        raise InputError(
            f"there is a cassette already: {folder}",
            remedy="record it anew with --replace, or give another with --name",
        )
    _refuse_foreign(folder)
    place = next(place for place in folder.parents if place.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(
            f"{place} cannot be written", remedy="give yourself the right to write there"
        )


def _check_headers(names: Sequence[str]) -> None:
    from harness.replay.secrecy import is_secret  # noqa: PLC0415

    for name in names:
        if is_secret(name):
            raise InputError(
                f"--match-header {name}: it is a secret",
                cause="it is taken out of what is saved, so that no request could bring it",
                remedy="match another header, or none",
            )


def _refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that holds more than the cassette."""
    from harness.replay.cassette import foreign  # noqa: PLC0415

    others = foreign(folder)
    if others:
        raise InputError(
            f"{folder} is not replaced: it holds more than a cassette",
            evidence=[str(other) for other in others[:5]],
            remedy="move these elsewhere, or give the cassette another name with --name",
        )


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


def _replay(
    console: Console, settings: Settings, steps: Sequence[str], variables: Mapping[str, Any]
) -> tuple[RunReport, tuple[str, ...]]:
    """The report, and the names of what was sent otherwise than it was recorded."""
    with RunProgress(console) as progress:
        progress.message("replaying it, without the web")
        with Session(settings, progress=progress.message) as session:
            report = run_all(session, steps, variables=variables, progress=progress)
            asked = session.stack.http.requests()
    _print(console, report)
    return report, tuple(dict.fromkeys(name for one in asked for name in one.volatile))


def _tell(
    console: Console, replayed: RunReport, *, same: bool, sampled: bool, sources: bool
) -> None:
    without = "without the web and the sources" if sources else "without the web"
    if same:
        console.print(f"It replays: {without} the pipeline did the same.")
    elif sampled and replayed.ok:
        console.print(f"It replays: {without} the pipeline did well with the sample.")
    else:
        console.print(f"It does not replay: {without} the pipeline did something else.")


def _print(console: Console, report: RunReport) -> None:
    for pipeline in report.pipelines:
        print_pipeline(console, pipeline)


def _facts(report: RunReport) -> list[object]:
    return [
        (pipeline.uuid, pipeline.ok, [block.rows_out for block in pipeline.blocks], pipeline.sinks)
        for pipeline in report.pipelines
    ]
