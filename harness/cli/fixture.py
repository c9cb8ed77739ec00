"""``mage-harness fixture``: a generated file for a URL that nobody has recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from harness.cli.options import ProjectOption, settings_for
from harness.cli.output import Output
from harness.errors import InputError
from harness.plain import counted
from harness.project.reader import read_project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.fixture.column import Column


def fixture(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="The URL, as the pipeline asks for it.")
    ],
    project: ProjectOption = None,
    pipeline: Annotated[
        str | None,
        typer.Option(metavar="PIPELINE", help="Read the blocks of this pipeline only."),
    ] = None,
    rows: Annotated[int, typer.Option(metavar="N", min=1, max=10_000_000, help="Rows.")] = 1_000,
    seed: Annotated[
        int, typer.Option(metavar="S", min=0, help="Another number gives other rows.")
    ] = 7,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAME:TYPE,...",
            help="Columns that cannot be seen in the blocks, or that have another type than is "
            "seen: integer, number, text, boolean, moment or date.",
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="csv, csv.gz, csv.zip, parquet, json, jsonl or jsonl.gz. Default: what the URL "
            "ends with, or else what the block reads it with.",
        ),
    ] = None,
) -> None:
    """Write a generated file for a URL that has no recording, and play it from now on.

    The columns and types are those that the blocks name which fetch the URL, and the blocks after
    them: dtype=, parse_dates=, df['column'], .isin([...]), SQL. Moments lie in the day, month or
    year that the URL names. The same command writes the same bytes.

    The data is made up: it shows that a pipeline runs, and not that it is right. Each run with it
    says so; `mage-harness record` takes its place with what the origin really has.

    mage-harness fixture https://example.com/trips_2021-01.csv.gz --columns tip:number

    Exit statuses: 0 written; 2 bad usage or input.
    """
    from harness.fixture.column import given_columns  # noqa: PLC0415
    from harness.fixture.formats import FORMATS  # noqa: PLC0415
    from harness.fixture.making import check, make  # noqa: PLC0415
    from harness.fixture.wanted import wanted  # noqa: PLC0415

    if format_ is not None and format_ not in FORMATS:
        raise InputError(
            f"{format_!r} is no format that is generated",
            remedy=f"name one of {', '.join(FORMATS)}",
        )
    settings = settings_for(project)
    cassettes = settings.fixtures / "http"
    check(cassettes, url)
    found = wanted(
        read_project(settings.project),
        url,
        pipeline=pipeline,
        format=format_,
        given=given_columns(columns) if columns else (),
    )
    made = make(cassettes, url, found.columns, found.layout, rows=rows, seed=seed)
    console = Output(soft_wrap=True)
    first, end = made.span
    console.print(
        f"{made.folder}: {counted(rows, 'row')}, {counted(len(found.columns), 'column')}, "
        f"{found.layout.format}, {counted(made.size, 'byte')}; moments from {first:%Y-%m-%d} "
        f"until before {end:%Y-%m-%d}",
        markup=False,
    )
    console.print(_shown(found.columns))
    for one, block in found.blocks:
        console.print(f"fetched by: {one}/{block}", markup=False)
    if len(found.columns) == 1:
        console.print(
            "One column alone can be seen: add those that the real file has, with --columns.",
            markup=False,
        )
    console.print(
        "The data is generated, and every run with it says so. Look at the columns: what a block "
        "asks for and they lack, or have as another type, --columns adds.",
        markup=False,
    )


def _shown(columns: Sequence[Column]) -> Table:
    table = Table("column", "type", "seen at", box=None)
    for column in columns:
        values = ", ".join(map(str, column.values[:5]))
        told = f"{column.kind} ({values})" if values else column.kind
        table.add_row(escape(column.name), escape(told), escape(column.place))
    return table
