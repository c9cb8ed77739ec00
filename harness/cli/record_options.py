"""The options of ``mage-harness record`` that are its own."""

from __future__ import annotations

from typing import Annotated

import typer

PipelineArgument = Annotated[
    str,
    typer.Argument(
        metavar="PIPELINE",
        help="Which pipeline to record; those that it needs run before it, and are recorded "
        "in the same cassette.",
    ),
]
NameOption = Annotated[
    str | None,
    typer.Option(help="The cassette's name below fixtures/http/. Default: the pipeline's."),
]
ReplaceOption = Annotated[
    bool,
    typer.Option("--replace", help="Record anew what was recorded already."),
]
AnywayOption = Annotated[
    bool,
    typer.Option(
        "--anyway",
        help="Keep the recording of a pipeline that failed too, to have its failure to replay.",
    ),
]
FileOption = Annotated[
    list[str] | None,
    typer.Option(
        "--file",
        "--from-file",
        metavar="URL=PATH",
        help="Serve a local file for a URL; it is not asked for, and not recorded. May be "
        "given several times.",
    ),
]
SampleOption = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="Keep N rows of each csv, JSON lines or parquet body, and of each table of "
        "--sources: the same ones each time, with extremes, nulls, rare values and every day "
        "among them. Default: all rows.",
    ),
]
MatchHeaderOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A request header that must be the same when a recording is played, such as "
        "accept. May be given several times.",
    ),
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A name in the JSON bodies or forms that are sent which does not count when a "
        "recording is played, such as requested_at, or meta.id for a name within another. "
        "May be given several times.",
    ),
]
ResolveOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="HOST=ADDRESS[:PORT]",
        help="Ask this address in place of a host, such as a staging server, and record it "
        "under the host's name. May be given several times.",
    ),
]
